"""Who is free: "which forklift is free?" is answered with those that are, and not with all there are."""

from __future__ import annotations

from collections.abc import Callable

from banksman_edge.asr import Transcript
from banksman_edge.dialogue.references import kind_asked_for
from banksman_edge.dialogue.resolve import Now
from banksman_edge.dialogue.said import Said, nothing, reading_of
from banksman_edge.dialogue.words import words_of
from banksman_edge.events import Verdict
from banksman_edge.nlu import Understanding
from banksman_edge.nlu.cascade import GRAMMAR_CONFIDENCE
from banksman_edge.policy import Judgement
from banksman_shared.commands import Action, Command


def who_is_free(understanding: Understanding, transcript: Transcript, at_present: Callable[[], Now]) -> Said | None:
    """A question for the state of those that are free now, as far as the speaker may ask, and of all where nothing is
    known of any; None where it is none."""
    for likelihood, text, grammar in understanding.hypotheses(transcript):
        reading = grammar.read(text)
        kind = kind_asked_for(reading.tokens, reading.mentions, words_of(grammar.language))
        if kind is None:
            continue
        confidence = GRAMMAR_CONFIDENCE * likelihood * min((m.score for m in reading.mentions), default=1.0)
        if not (now := at_present()).views:
            everybody = Command(Action.STATUS, (f"kind:{kind}" if kind else "*",))
            return Said(reading_of((everybody,), confidence, grammar.language, ""))
        asked = Command(Action.STATUS, ())
        seen = [v for v in now.views.values() if now.may is None or now.may(asked, v.id, ())]
        free = tuple(view.id for view in seen if view.idle and kind in ("", view.kind))
        if not free:
            judgement = Judgement(Verdict.REJECT, "none_free", "none of them is free")
            return Said(nothing(grammar.language), judgement)
        return Said(reading_of((Command(Action.STATUS, free),), confidence, grammar.language, "those that are free"))
    return None
