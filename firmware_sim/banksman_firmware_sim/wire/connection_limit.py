"""How many connections this process may have."""

from __future__ import annotations

import resource

from banksman_shared.errors import BanksmanError

SPARE_FILES = 128
"""What the process has open besides the vehicles' connections."""


def allow_connections(count: int) -> None:
    """Let the process open so many sockets.

    Raises:
        BanksmanError: the machine does not allow it.
    """
    wanted = count + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise BanksmanError(
            f"{count} vehicles need {wanted} open files and this machine allows {hard}; "
            "raise the hard limit (ulimit -Hn, or LimitNOFILE of the service) or run fewer vehicles"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
