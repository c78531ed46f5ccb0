"""What the operator is told, in the language that was spoken."""

from banksman_edge.replies.forms import Amount, Unit, joined
from banksman_edge.replies.phrasebook import Phrasebook, reply_language

__all__ = ["Amount", "Phrasebook", "Unit", "joined", "reply_language"]
