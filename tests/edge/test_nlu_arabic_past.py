"""Arabic verbs of what they did, which are written as what several are told: "توجهوا", they headed for, or head for."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding, Verdict
from banksman_edge.nlu.inflection import split_words
from banksman_edge.policy import Policy
from banksman_shared.commands import Action
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)


def read(text: str) -> Interpretation:
    return UNDERSTANDING.understand(Transcript(text, "ar", 1.0))


@pytest.mark.parametrize(
    "text",
    [
        "ذهبوا إلى الرصيف واحد",
        "روبوت واحد واثنين ذهبوا إلى الرصيف واحد",
        "الروبوتات راحوا على الرصيف واحد",
        "عادوا إلى الرصيف واحد",
        "جابوا البليت إلى الرصيف واحد",
    ],
)
def test_what_they_did_is_no_order_and_no_model_is_asked(text: str) -> None:
    assert read(text).is_nothing
    assert "what was" in read(text).reason


@pytest.mark.parametrize(
    "text",
    [
        "روبوت واحد وروبوت اثنين توجهوا إلى الرصيف واحد",
        "كل الروبوتات تحركوا إلى الرصيف واحد",
        "روبوت واحد وروبوت اثنين أحضروا البليت من الرصيف واحد إلى الفرن اثنين",
    ],
)
def test_what_either_tells_or_orders_is_read_back(text: str) -> None:
    assert Policy().judge(read(text), 1.0, None).verdict is Verdict.CONFIRM
    assert read(text).confidence < 0.8


@pytest.mark.parametrize("text", ["توجهوا إلى الرصيف واحد", "اذهبوا إلى الرصيف واحد"])
def test_who_is_spoken_to_is_told(text: str) -> None:
    assert [command.action for command in read(text).commands] == [Action.MOVE]
    assert Policy().judge(read(text), 1.0, None).verdict is Verdict.ACCEPT


def test_a_letter_that_names_a_place_is_no_word_that_others_are_written_onto() -> None:
    """With an aisle called "أ", "لا" is no, and not "to A"."""
    known = frozenset({"ا", "رصيف"})
    assert split_words(("لا", "للرصيف"), ("ل", "ال"), known) == ("لا", "ل", "ل", "رصيف")


@pytest.mark.parametrize(
    "text",
    [
        "انتهى نقل البليت من الرصيف واحد إلى الفرن اثنين",
        "خلص روبوت واحد نقل البليت من الرصيف واحد إلى الفرن اثنين",
        "تأخر نقل البليت من الرصيف واحد إلى الفرن اثنين",
        "نقل البليت من الرصيف واحد إلى الفرن اثنين بياخد ساعة",
        "نقل البليت من الرصيف واحد إلى الفرن اثنين صعب",
        "ظل روبوت واحد ينقل البليت من الرصيف واحد إلى الفرن اثنين",
        "بدأ روبوت واحد ينقل البليت من الرصيف واحد إلى الفرن اثنين",
        "روبوت واحد بقى يروح الرصيف واحد",
        "روبوت واحد كل شوية يروح الرصيف واحد",
        "روبوت واحد ماشي على الرصيف واحد",
        "محدش يبعت روبوت واحد الرصيف واحد",
        "مافيش داعي روبوت واحد يروح الرصيف واحد",
        "احتمال روبوت واحد يروح الرصيف واحد",
        "بدي روح عالرصيف واحد",
        "هشحن روبوت واحد",
        "جالس روبوت واحد ينقل البليت من الرصيف واحد إلى الفرن اثنين",
        "الكراتين رفعوها من الرصيف واحد",
        "هنودي البليت من الرصيف واحد للفرن اثنين",
        "ينقلون البليت من الرصيف واحد إلى الفرن اثنين",
        "سوف ينقلون البليت من الرصيف واحد إلى الفرن اثنين",
    ],
)
def test_what_is_told_of_a_task_or_somebody_is_no_order_and_no_plan(text: str) -> None:
    assert read(text).is_nothing


@pytest.mark.parametrize(
    "text", ["يمكن روبوت واحد يروح الرصيف واحد", "روبوت واحد واصل", "روبوت واحد وقف عند الرصيف واحد"]
)
def test_what_may_be_so_is_read_back(text: str) -> None:
    assert Policy().judge(read(text), 1.0, None).verdict is Verdict.CONFIRM
