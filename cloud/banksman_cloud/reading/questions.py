"""What only the asker can tell, asked in their language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from banksman_cloud.phrases import Phrases
from banksman_shared.plans import Goal
from banksman_shared.site import Site


@dataclass(slots=True)
class Questions:
    """Gathers them. ``language``: the asker's, in which the site's places are named, too."""

    site: Site
    language: str
    asked: list[str] = field(default_factory=list)

    def ask(self, key: str, goal: Goal, places: Iterable[str] = (), **values: object) -> None:
        """Ask about a goal, which is called by its words; ``key`` names the sentence."""
        phrases = Phrases(self.language)
        names = phrases.listing(self.site.label(place, self.language) for place in places)
        self.asked.append(phrases.say(key, words=phrases.quote(goal.words), places=names, **values))
