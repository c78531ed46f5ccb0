"""What the operator is told, in the language that was spoken."""

from banksman_edge.replies.forms import Amount, Unit, capital, joined
from banksman_edge.replies.phrasebook import FULL_STOPS, Phrasebook, reply_language
from banksman_edge.replies.reply_urgency import Urgency, urgency

__all__ = ["FULL_STOPS", "Amount", "Phrasebook", "Unit", "Urgency", "capital", "joined", "reply_language", "urgency"]
