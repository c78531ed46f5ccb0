"""What can be wrong with the audit log."""

from __future__ import annotations

from banksman_shared.errors import BanksmanError


class AuditError(BanksmanError):
    """The audit log cannot be kept or read there."""
