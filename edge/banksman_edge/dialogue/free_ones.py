"""Who is free: "which forklift is free?" is answered with those that are, and not with all there are."""

from __future__ import annotations

from collections.abc import Callable

from banksman_edge.asr import Transcript
from banksman_edge.dialogue.references import kind_asked_for
from banksman_edge.dialogue.resolve import Now
from banksman_edge.dialogue.said import Said, nothing, reading_of
from banksman_edge.dialogue.words import words_in
from banksman_edge.events import Verdict
from banksman_edge.policy import Judgement
from banksman_edge.understanding import Understanding
from banksman_shared.commands import Action, Command


def who_is_free(understanding: Understanding, transcript: Transcript, at_present: Callable[[], Now]) -> Said | None:
    """A question for the state of those that are free now, as far as the speaker may ask, and of all where nothing is
    known of any; None where it is none."""
    for likelihood, sentence in understanding.sentences(transcript):
        language = sentence.language
        kind = kind_asked_for(sentence.words.tokens, sentence.mentions, words_in(language))
        if kind is None:
            continue
        confidence = likelihood * min((m.score for m in sentence.mentions), default=1.0)
        if not (now := at_present()).views:
            everybody = Command(Action.STATUS, (f"kind:{kind}" if kind else "*",))
            return Said(reading_of((everybody,), confidence, language, ""))
        asked = Command(Action.STATUS, ())
        seen = [v for v in now.views.values() if now.may is None or now.may(asked, v.id, ())]
        free = tuple(view.id for view in seen if view.idle and kind in ("", view.kind))
        if not free:
            return Said(nothing(language), Judgement(Verdict.REJECT, "none_free", "none of them is free"))
        return Said(reading_of((Command(Action.STATUS, free),), confidence, language, "those that are free"))
    return None
