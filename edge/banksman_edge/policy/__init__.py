"""Whether what was understood is done, confirmed, asked about or rejected: by confidence, risk and the site's rules."""

from banksman_edge.policy.destinations import vehicles_of
from banksman_edge.policy.policy import STOP_FROM, TOO_UNSURE, Covers, Judgement, Policy, Terms, only_asks

__all__ = ["STOP_FROM", "TOO_UNSURE", "Covers", "Judgement", "Policy", "Terms", "only_asks", "vehicles_of"]
