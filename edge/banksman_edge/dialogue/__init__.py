"""Dialogue: what a sentence means after what its speaker said before."""

from __future__ import annotations

from banksman_edge.dialogue.answers import a_no, a_yes, answer_in
from banksman_edge.dialogue.dialogue import Dialogue
from banksman_edge.dialogue.said import Said

__all__ = ["Dialogue", "Said", "a_no", "a_yes", "answer_in"]
