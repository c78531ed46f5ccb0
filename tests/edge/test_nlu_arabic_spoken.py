"""Arabic as it is spoken from the Gulf to Morocco, and typed: verbs, ranks, who is somewhere, and where things are."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding, Verdict
from banksman_edge.policy import Policy
from banksman_shared.commands import NOTHING, Action, Command, parse_commands
from banksman_shared.site import load_site

DATA = Path(__file__).parents[1] / "data"
UNDERSTANDING = Understanding(load_site(DATA / "languages" / "depot"), None)
BAKERY = Understanding(load_site(DATA / "moods" / "bakery"), None)


def read(text: str) -> Interpretation:
    return UNDERSTANDING.understand(Transcript(text, "ar", 1.0))


def order(action: str, *vehicles: str, origin: str = "", to: str = "") -> Command:
    ends = {key: place for key, place in (("from", origin), ("to", to)) if place}
    return parse_commands({"action": action, "vehicles": list(vehicles), **ends})[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("صيفط صقر للورشة عافاك", order("move", "lift-3", to="workshop")),
        ("سير للورشة يا صقر", order("move", "lift-3", to="workshop")),
        ("الرافعة واحد والقاطرة خمسة يروحو عالورشة", order("move", "lift-1", "tug-5", to="workshop")),
        ("هل بالإمكان إرسال صقر إلى الورشة؟", order("move", "lift-3", to="workshop")),
        ("الورشة ابعتلها صقر", order("move", "lift-3", to="workshop")),
        ("أرسل صقر إلى الرصيف 1، أعني الرصيف 2", order("move", "lift-3", to="dock-2")),
        ("ودي صقر الورشة، لأ قصدي غرفة التبريد", order("move", "lift-3", to="cold-store")),
        ("الرافعتان 1 و 2 تعودان إلى الورشة", order("move", "lift-1", "lift-2", to="workshop")),
        ("خليهن صقر والقاطرة 5 يروحوا عالورشة", order("move", "lift-3", "tug-5", to="workshop")),
        ("اوكف يا صقر", order("stop", "lift-3")),
        ("وقف تما يا صقر", order("stop", "lift-3")),
        ("استني عندك يا صقر", order("stop", "lift-3")),
        ("صقر محتاجة تتشحن", order("charge", "lift-3")),
        ("رجع صقر محلها", order("park", "lift-3")),
        ("عوفها، ما نحتاجها بعد", order("cancel")),
        ("دع عنك هذا", order("cancel")),
        ("خلاص مش عايزها", order("cancel")),
        ("كم تبلغ نسبة شحن صقر؟", order("status", "lift-3")),
        ("البطارية بتاعة صقر كام؟", order("status", "lift-3")),
        ("وين راهي صقر", order("status", "lift-3")),
        ("ماذا تحمل القاطرة 5؟", order("status", "tug-5")),
        ("مين بالورشة؟", order("status", "at:workshop")),
        ("من في الورشة؟", order("status", "at:workshop")),
        ("خذ المنصة من الرصيف 1 وضعها في الورشة", order("transport", origin="dock-1", to="workshop")),
        ("لازم غرفة التبريد تكون خاوية قبل الستة", order("plan")),
        ("أريد أن تكون غرفة التبريد خالية بحلول الخامسة", order("plan")),
        ("على الجميع مغادرة غرفة التبريد", order("plan")),
    ],
)
def test_what_is_said_in_one_country_or_another_is_understood(text: str, expected: Command) -> None:
    assert read(text).commands == (expected,)


@pytest.mark.parametrize(
    ("text", "vehicles"),
    [
        ("الرافعة الأولى والثانية إلى الرصيف 1", ("lift-1", "lift-2")),
        ("الرافعتين الاولى والتانية إلى الرصيف 1", ("lift-1", "lift-2")),
        ("ودي الرافعة التانية عالرصيف 1", ("lift-2",)),
        ("اللي بالورشة يروح عالرصيف 1", ("at:workshop",)),
        ("من في الورشة فليذهب إلى الرصيف 1", ("at:workshop",)),
        ("ابعت صقر مش القاطرة 5 عالرصيف 1", ("lift-3",)),
        ("إلى الرصيف 1 وليس الرصيف 2 يا صقر", ("lift-3",)),
    ],
)
def test_who_is_sent(text: str, vehicles: tuple[str, ...]) -> None:
    assert read(text).commands == (Command(Action.MOVE, vehicles, destination="dock-1"),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("send robot two not robot one to dock one", "en"),
        ("robot two, go to dock one and not dock two", "en"),
        ("go to dock one and not dock two, robot two", "en"),
        ("ابعت روبوت اثنين مش روبوت واحد عالرصيف واحد", "ar"),
    ],
)
def test_one_who_is_meant_not_another_is_sent(text: str, language: str) -> None:
    found = BAKERY.understand(Transcript(text, language, 1.0))
    assert found.commands == (Command(Action.MOVE, ("robot-2",), destination="dock-1"),)


def test_what_is_somewhere_is_a_load_where_it_is_taken() -> None:
    assert read("شيل اللي بالرصيف 1 ونزله بالورشة").commands == (order("transport", origin="dock-1", to="workshop"),)


@pytest.mark.parametrize("text", ["رجع المنصة مكانها", "صقر رجع المنصة مكانها"])
def test_a_load_that_goes_back_to_its_place_parks_nobody(text: str) -> None:
    assert read(text).commands[0].action is not Action.PARK


@pytest.mark.parametrize(
    "text",
    [
        "ودوا الرافعات الاثنين عالورشة",
        "تنتظر صقر عند الرصيف 1",
        "صقر تشحن الآن",
        "تعود صقر إلى الورشة",
    ],
)
def test_what_may_be_told_or_mean_others_is_read_back(text: str) -> None:
    found = read(text)
    assert Policy().judge(found, 1.0, None).verdict is Verdict.CONFIRM


@pytest.mark.parametrize(
    "text",
    [
        "ذهب صقر مع القاطرة 5 إلى الورشة لتناول القهوة",
        "صقر بالورشة مش بالرصيف 1",
        "صقر وليس القاطرة 5 في الورشة",
        "لسا صقر بالورشة؟",
        "راح عالحبس",
        "راجعة صقر عالموقف",
        "ما تروحش الورشة يا صقر",
        "اللي بالورشة عم يشتغلو",
    ],
)
def test_what_is_told_is_no_order(text: str) -> None:
    assert read(text).commands == (NOTHING,)


@pytest.mark.parametrize(
    "text",
    [
        "صقر بيشيل المنصة من الرصيف 1",
        "صقر بترجع موقفها",
        "صقر بتقف عند الرصيف 1",
        "صقر عم تروح عالورشة",
        "القاطرة 5 قاعدة تروح الورشة",
        "صقر بتكمل شغلها",
        "بياخدوا المنصة من الرصيف 1 للورشة",
        "هياخدوا المنصة من الرصيف 1 للورشة",
        "صقر راح الورشة",
        "الطرد وصل من الرصيف 1 للورشة",
        "المنصة نزل في الورشة",
        "الصندوق رفع من الرصيف 1",
        "مين يودي الصندوق عالرصيف 1",
    ],
)
def test_what_goes_on_and_what_became_of_a_load_is_no_order(text: str) -> None:
    assert read(text).is_nothing


@pytest.mark.parametrize("text", ["صقر هتروح الورشة", "صقر رح تروح الورشة", "صقر راح تروح الورشة"])
def test_what_somebody_will_do_is_read_back(text: str) -> None:
    assert read(text).commands == (order("move", "lift-3", to="workshop"),)
    assert Policy().judge(read(text), 1.0, None).verdict is Verdict.CONFIRM


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ابعت صقر هالورشة", order("move", "lift-3", to="workshop")),
        ("الطرد من الرصيف 1 وصله للورشة", order("transport", origin="dock-1", to="workshop")),
        ("قم بتحميل الطرد من الرصيف 1", order("pick", to="dock-1")),
        ("يا عم ابعت صقر الورشة", order("move", "lift-3", to="workshop")),
        ("صقر بتقف", order("stop", "lift-3")),
    ],
)
def test_what_is_written_as_that_is_and_orders(text: str, expected: Command) -> None:
    assert read(text).commands == (expected,)


@pytest.mark.parametrize(
    "text", ["ودي صندوقين من الرصيف 1 للورشة", "انقل المنصتين من الرصيف 1 إلى الورشة", "صقر شيلي كرتونتين من الرصيف 1"]
)
def test_two_loads_are_for_the_planner(text: str) -> None:
    assert read(text).commands == (order("plan"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("صقر فوتي عغرفة التبريد", order("move", "lift-3", to="cold-store")),
        ("الصناديق يلي بالرصيف 1 ودوها عالورشة", order("transport", origin="dock-1", to="workshop")),
        ("صقر طلعي الصندوق من الرصيف 1", order("pick", "lift-3", to="dock-1")),
        ("صقر شيلي اللي في الرصيف 1 ودخليه الورشة", order("transport", "lift-3", origin="dock-1", to="workshop")),
        ("ودوا اللحم من الرصيف 1 للورشة", order("transport", origin="dock-1", to="workshop")),
        ("إدخال البضاعة من الرصيف 1 إلى غرفة التبريد", order("transport", origin="dock-1", to="cold-store")),
        ("صقر والقاطرة 5 تنيناتكن عالورشة", order("move", "lift-3", "tug-5", to="workshop")),
        ("على صقر والقاطرة 5 العودة إلى موقفيهما", order("park", "lift-3", "tug-5")),
        ("صف صقر", order("park", "lift-3")),
        ("صف صقر عند الرصيف 1", order("move", "lift-3", to="dock-1")),
        ("صفوا الصندوق في الورشة", order("drop", to="workshop")),
        ("ماتتحركيش يا صقر", order("stop", "lift-3")),
        ("ابدأ بتحميل الصندوق من الرصيف 1", order("pick", to="dock-1")),
        ("منو فاضي الحين", order("status", "*")),
        ("أي العربات متاحة؟", order("status", "*")),
    ],
)
def test_words_of_cold_stores_and_of_the_levant_are_known(text: str, expected: Command) -> None:
    assert read(text).commands == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "ما أبغى صقر تروح الورشة",
        "لا أريد أن تذهب صقر إلى الورشة",
        "لا نريد نقل الصندوق من الرصيف 1 إلى الورشة",
        "قاللي ابعت صقر الورشة",
        "قالتلي نودي صقر للورشة",
        "وش رايك نودي صقر للورشة",
        "إيه رأيك نبعت صقر الورشة",
        "تفتكر نبعت صقر الورشة؟",
        "صقر عادة تروح الورشة كل يوم",
    ],
)
def test_what_is_not_wanted_or_only_talked_about_is_no_order(text: str) -> None:
    assert read(text).commands == (NOTHING,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("المنصة اللي على الرصيف 1 لازم تدخل الورشة", order("transport", origin="dock-1", to="workshop")),
        ("المنصة اللي على الرصيف 1 تتنقل للورشة", order("transport", origin="dock-1", to="workshop")),
        ("صقر لمي الكراتين من الرصيف 1", order("pick", "lift-3", to="dock-1")),
        ("صقر خرجي الطرد من غرفة التبريد للورشة", order("transport", "lift-3", origin="cold-store", to="workshop")),
        ("يا صقر عايزك عند الرصيف 1", order("move", "lift-3", to="dock-1")),
        ("رجعوا صقر للورشة", order("move", "lift-3", to="workshop")),
        ("صقر طلاع عالورشة", order("move", "lift-3", to="workshop")),
        ("محدش يتحرك", order("stop", "*")),
        ("أخبار صقر إيه", order("status", "lift-3")),
        ("القاطرة 5 شغالة إيه دلوقتي", order("status", "tug-5")),
        ("حد يعرف صقر فين؟", order("status", "lift-3")),
        ("مين متفرغ منكم", order("status", "*")),
    ],
)
def test_what_is_said_in_cairo_and_damascus_is_understood(text: str, expected: Command) -> None:
    assert read(text).commands == (expected,)
