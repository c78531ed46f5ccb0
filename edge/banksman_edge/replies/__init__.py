"""What the operator is told, in the language that was spoken."""

from banksman_edge.replies.phrasebook import Phrasebook

__all__ = ["Phrasebook"]
