"""Has wishes for plans outlive the agent, until they are answered."""

from __future__ import annotations

from banksman_edge.plans.kept_turns import kept_speaker, reopen
from banksman_edge.plans.session import session_of
from banksman_edge.plans.store import KeptRequest, RequestStore
from banksman_edge.turns import Turn, TurnBook
from banksman_shared.site import Site


class RequestRecovery:
    """Of one agent. Keeps nothing before :meth:`read`."""

    def __init__(self, site: Site, turns: TurnBook) -> None:
        self._site, self._turns = site, turns
        self._store: RequestStore | None = None
        self.found: list[tuple[Turn, KeptRequest]] = []
        """What an earlier run was asked for and has not proposed."""

    def has(self, turn: Turn) -> bool:
        """Whether the next agent will know of it."""
        return self._store is not None and self._store.has(turn.utterance.id)

    def keep(self, turn: Turn, asked: float | None = None) -> None:
        """The next agent has to ask for it. ``asked``: when that was first done, wall-clock seconds; None: now."""
        if self._store:
            utterance = turn.utterance
            self._store.keep(
                KeptRequest(
                    site=self._site.id,
                    utterance=utterance.id,
                    text=turn.heard,
                    language=turn.language,
                    speaker=kept_speaker(turn),
                    deadline=utterance.deadline,
                    asked=self._turns.clock.time() if asked is None else asked,
                    runs=session_of(turn).runs,
                )
            )

    def forget(self, turn: Turn) -> None:
        """The next agent need not ask for it."""
        if self._store:
            self._store.forget(turn.utterance.id)

    def read(self, store: RequestStore) -> None:
        """Keep them there from now on; see what there is, and open a turn for each."""
        self._store = store
        for kept in store.found():
            turn = reopen(self._turns, self._site, kept, kept.deadline)
            if turn:
                session_of(turn).runs = kept.runs + 1
                self.found.append((turn, kept))
            else:  # its plan was approved, and is kept by itself
                store.forget(kept.utterance)

    def is_worth_asking(self, kept: KeptRequest) -> bool:
        """Whether it was not asked for too long ago, and for this site."""
        late, patience_s = self._turns.clock.time() - kept.asked, self._site.rules.leaving.queue_s
        return kept.site == self._site.id and late <= patience_s
