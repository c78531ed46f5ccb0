"""Sentences with their meaning: phrases filled with the names of a scene.

Names are marked in the text while it is composed, so that what follows (contractions, mishearing) leaves them whole.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from banksman_edge.lab.teach.llama.endings import plural_of, with_endings
from banksman_edge.lab.teach.llama.invented_sites import Named, Scene
from banksman_edge.lab.teach.llama.mishear import SPOILT, misheard, misheard_name
from banksman_edge.lab.teach.llama.phrases import Phrases, Table, agreeing, chosen, in_form
from banksman_edge.lab.teach.sentences import load_grammar

SHARES = {"move": 17, "transport": 19, "pick": 9, "drop": 9, "charge": 8, "park": 7, "stop": 5, "resume": 4}
SHARES |= {"cancel": 5, "status": 9, "sequence": 9, "pair": 3, "plan": 9, "none": 18, "idle": 22, "near": 29}
"""How often each kind of sentence comes, in parts; the last three ask for nothing."""
NATURAL = 0.5
"""The share of orders, and of what asks for nothing, that stand as people put them, where a language has such."""
STRANGE, MISHEARD = 0.07, 0.08
"""The shares of names that the site does not have, and that are misheard beyond likeness."""
_OF_A_WOMAN = 0.75
"""How often a machine of feminine name is spoken to like a woman; else like the man who drives it."""
_OPEN, _MID, _CLOSE = "\ue000", "\ue001", "\ue002"
MARK = re.compile(f"{_OPEN}([^{_MID}]*){_MID}([^{_CLOSE}]*){_CLOSE}")
_SLOT = re.compile(r"\{(\w)\}")
_WHO = re.compile(r"\{[vVw]\}")
_TALK = frozenset({"none", "idle", "near"})
_BY_SYSTEM = frozenset({"transport", "pick", "drop"})
"""What may be asked for without saying of whom."""


@dataclass(frozen=True, slots=True)
class Clause:
    """What one order says: an action, who (keys of names, or words as ``all``), and keys of the places."""

    action: str
    who: tuple[str, ...] = ()
    origin: str = ""
    destination: str = ""


@dataclass(slots=True)
class Composed:
    """A sentence with its names marked, "\\ue000key\\ue001name\\ue002", and what it means: none, plan or clauses."""

    text: str
    clauses: list[Clause]
    ids: dict[str, str]
    """What the site has under a key's name; nothing for a name that it has not."""


@dataclass(slots=True)
class Composer:
    """Makes sentences about one scene.

    They are as a recogniser writes them: some misheard, without any mark. With ``pause`` they are as a person writes
    them: nothing is misheard, and the mark stands between a sentence and the small talk around it.
    """

    scene: Scene
    phrases: Phrases
    language: str
    random: random.Random
    pause: str = ""
    _chosen: dict[str, tuple[Named, bool]] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)

    def make(self) -> Composed:
        """One sentence."""
        self._chosen, self._ids = {}, {}
        kind = self.random.choices(list(SHARES), list(SHARES.values()))[0]
        natural = "none" if kind in _TALK else kind
        if natural in self.phrases.natural and self.random.random() < NATURAL:
            text, clauses = self._natural(natural)
            return Composed(self._finish(text), clauses, dict(self._ids))
        make: Callable[[], tuple[str, list[Clause]]] = {
            "sequence": self._sequence,
            "pair": self._pair,
            "idle": self._idle,
            "none": lambda: self._talk("none"),
            "near": lambda: self._talk("near"),
            "plan": self._plan,
            "status": lambda: self._said("status"),
        }.get(kind, partial(self._order, kind))
        text, clauses = make()
        return Composed(self._finish(text), clauses, dict(self._ids))

    def _say(self, kind: str) -> str:
        return chosen(self.random.choice(self.phrases.say[kind]), self.random)

    def _natural(self, kind: str) -> tuple[str, list[Clause]]:
        pattern = chosen(self.random.choice(self.phrases.natural[kind]), self.random)
        return (self._filled(pattern), [Clause(kind)]) if kind in ("none", "plan") else self._clause(kind, pattern)

    def _order(self, action: str) -> tuple[str, list[Clause]]:
        chance = self.random.random()
        if chance < 0.35:
            return self._said(action)
        if chance < 0.6:
            frame = self._frame("asked")
            by_system = action in _BY_SYSTEM and self.random.random() < 0.4
            phrase = self._phrase(self.phrases.vp if by_system else self.phrases.do, action)
        else:
            frame, phrase = self._frame("told"), self._phrase(self.phrases.vp, action)
        return self._clause(action, _put(frame, phrase))

    def _said(self, action: str) -> tuple[str, list[Clause]]:
        return self._clause(action, self._say(action))

    def _frame(self, kind: str) -> str:
        return chosen(self.random.choice(self.phrases.frames[kind]), self.random)

    def _phrase(self, table: Table, action: str) -> str:
        return chosen(self.random.choice(table[action]), self.random)

    def _clause(self, action: str, pattern: str) -> tuple[str, list[Clause]]:
        text = self._filled(pattern)
        return text, [self._meaning(action, pattern, self._people(pattern))]

    def _people(self, pattern: str) -> tuple[str, ...]:
        slots = {slot.lower() for slot in _SLOT.findall(pattern)}
        return tuple(key for key in ("v", "w") if key in slots)

    def _meaning(self, action: str, pattern: str, who: tuple[str, ...], suffix: str = "") -> Clause:
        slots = set(_SLOT.findall(pattern))
        if action == "transport":
            return Clause(action, who, f"p{suffix}" if "p" in slots else "", f"q{suffix}" if "q" in slots else "")
        if action == "status":
            return Clause(action, who)
        place = next((slot for slot in ("p", "c") if slot in slots), "")
        return Clause(action, who, destination=f"{place}{suffix}" if place else "")

    def _sequence(self) -> tuple[str, list[Clause]]:
        actions = [self.random.choice(("move", "transport", "pick", "drop"))]
        actions += self.random.choices(("move", "transport", "pick", "drop", "charge", "park"), k=1)
        if self.random.random() < 0.25:
            actions += self.random.choices(("drop", "charge", "park"))
        frame = self._frame("told")
        form = next(form for form in ("imp", "inf", "third") if f"{{{form}}}" in frame)
        who = self._people(frame)
        ending = "".join(re.findall(rf"{{{form}}}(~\w+)", frame)[:1])  # of each verb: "gitmen sonra alman lazım"
        said, clauses = [], []
        for number, action in enumerate(actions):
            linked = self.language == "ja" and number < len(actions) - 1  # in the form in て
            phrase = in_form(self._phrase(self.phrases.vp, action), "imp" if linked else form)
            said.append(self._filled(phrase, str(number)))
            clauses.append(self._meaning(action, phrase, who, str(number)))
        joined = said[0]
        for phrase in said[1:]:
            joined += f"{ending} {self.random.choice(self.phrases.then)} {phrase}"
        return self._filled(frame).replace(f"{{{form}}}", joined), clauses

    def _pair(self) -> tuple[str, list[Clause]]:
        """Two are told one thing each."""
        frame = next(one for one in iter(partial(self._frame, "told"), "") if len(_WHO.findall(one)) == 1)
        said, clauses = [], []
        for number, whom in enumerate("vw"):
            action = self.random.choice(("move", "move", "transport", "pick", "drop", "charge", "park", "stop"))
            phrase = self._phrase(self.phrases.vp, action)
            told = _put(frame, phrase)
            if whom == "w":
                told = told.replace("{v}", "{w}").replace("{V}", "{W}")
            text = self._filled(told, str(number))
            said.append(agreeing(text, self._whom_first(text) if whom == "w" else self._whom(text)))
            clauses.append(self._meaning(action, phrase, (whom,), str(number)))
        return f" {self.random.choice(self.phrases.meanwhile)} ".join(said), clauses

    def _talk(self, kind: str) -> tuple[str, list[Clause]]:
        return self._filled(self._say(kind)), [Clause("none")]

    def _idle(self) -> tuple[str, list[Clause]]:
        """What is forbidden, past, supposed or quoted."""
        # "Do not go on" stops.
        action = self.random.choice([action for action in self.phrases.vp if action != "resume"])
        return self._filled(_put(self._frame("idle"), self._phrase(self.phrases.vp, action))), [Clause("none")]

    def _plan(self) -> tuple[str, list[Clause]]:
        if self.random.random() < 0.55:
            return self._filled(self._say("plan")), [Clause("plan")]
        action = self.random.choice(("move", "transport", "transport", "pick", "drop", "charge"))
        phrase = self._phrase(self.phrases.vp, action).replace("{p}", "{q}")
        return self._filled(_put(self._frame("plan"), phrase)), [Clause("plan")]

    def _filled(self, pattern: str, suffix: str = "") -> str:
        return _SLOT.sub(lambda found: self._slot(found[1], suffix), pattern)

    def _slot(self, slot: str, suffix: str = "") -> str:
        match slot:
            case "l":
                return self.random.choice(self.phrases.loads)
            case "n":
                return str(self.random.randint(2, 40))
            case "v" | "V" | "w" | "W":
                return self._somebody(slot)
            case "k" | "K":
                return self._kind(plural=slot == "K")
            case "c":
                return self._named(f"c{suffix}", self.random.choice(self.scene.chargers))
            case _:
                return self._place(f"{slot}{suffix}")

    def _somebody(self, slot: str) -> str:
        key = slot.lower()
        chance = self.random.random()
        if key == "v" and chance < 0.19:
            return self._several(slot, chance)
        one, known = self._drawn(key, self.scene.vehicles, self.scene.strange_vehicles)
        return self._named(key, one, known=known, article=slot.islower())

    def _drawn(self, key: str, known: Sequence[Named], strange: Sequence[Named]) -> tuple[Named, bool]:
        """What a key stands for, and whether the site has it; the same each time, and not what another stands for."""
        if key not in self._chosen:
            unknown = self.random.random() < STRANGE
            taken = {one.id for one, _ in self._chosen.values()}
            left = [one for one in (strange if unknown else known) if one.id not in taken]
            self._chosen[key] = self.random.choice(left or list(known)), not unknown
        return self._chosen[key]

    def _several(self, slot: str, chance: float) -> str:
        if chance < 0.04:
            return self._named("v", self.random.choice(self.scene.groups))
        kind = "all" if chance < 0.07 else "each" if chance < 0.11 else "there" if chance < 0.15 else "one"
        if kind == "one" and slot == "V":
            kind = "each"
        self._ids["v"] = kind
        return self._filled(self.random.choice(self.phrases.who[kind]))

    def _kind(self, *, plural: bool) -> str:
        kind = self.random.choice(self.scene.kinds)
        name = plural_of(kind.name, self.language) if plural else kind.name
        article = kind.article if plural and self.language == "ar" else ""  # of الرافعات, not of سيارات الإسعاف
        return self._named("k", Named(kind.id, article, name), spoilt=False)

    def _place(self, key: str) -> str:
        one, known = self._drawn(key, self.scene.places, self.scene.strange_places)
        return self._named(key, one, known=known)

    def _named(self, key: str, one: Named, *, known: bool = True, article: bool = True, spoilt: bool = True) -> str:
        name = one.name
        if spoilt and not self.pause and self.random.random() < MISHEARD:
            name = misheard_name(name, self.language, self.random)
        if key not in self._ids:
            self._ids[key] = one.id if known else ""
        return f"{one.article if article else ''}{_OPEN}{key}{_MID}{name}{_CLOSE}"

    def _finish(self, text: str) -> str:
        """With its endings, small talk around it, contracted, and misheard."""
        text = with_endings(text)
        if self.random.random() < 0.35:
            text = f"{self.random.choice(self.phrases.before)}{self.pause} {text}"
        if self.random.random() < 0.35:
            text = f"{text}{self.pause} {self.random.choice(self.phrases.after)}"
        text = agreeing(text, self._whom(text))
        for old, new in load_grammar(self.language).contractions:
            text = old.sub(new, text)
        if not self.pause and self.random.random() < SPOILT:
            for _ in range(self.random.randint(1, 2)):
                text = self._spoilt(text)
        return text

    def _whom(self, text: str) -> int:
        """What Arabic verbs agree with: one of :func:`agreeing`."""
        several = {"all", "each", "there", *(group.id for group in self.scene.groups)}
        if "w" in self._ids or self._ids.get("v") in several:
            return 2
        return self._whom_first(text)

    def _whom_first(self, text: str) -> int:
        """The same of the first that is named."""
        about = next((found[2] for found in MARK.finditer(text) if found[1] in ("v", "w", "k")), "")
        if not about:  # whoever listens
            return self.random.choices((0, 1, 2), (6, 2, 3))[0]
        return int(about.split(" ")[0].endswith(("ة", "ات")) and self.random.random() < _OF_A_WOMAN)

    def _spoilt(self, text: str) -> str:
        """One of the stretches between the names misheard."""
        parts = re.split(f"([\u0621-\u064a]*{_OPEN}[^{_CLOSE}]*{_CLOSE})", text)  # with what Arabic writes onto names
        spots = [i for i, part in enumerate(parts) if i % 2 == 0 and part.strip()]
        if not spots:
            return text
        at = self.random.choice(spots)
        before, after = parts[at][: len(parts[at]) - len(parts[at].lstrip())], parts[at][len(parts[at].rstrip()) :]
        parts[at] = before + misheard(parts[at].strip(), self.language, self.random) + after
        return "".join(parts)


def _put(frame: str, phrase: str) -> str:
    whom = 0 if "{third}" in frame and not _WHO.search(frame) else None  # "somebody should"
    for form in ("imp", "inf", "third"):
        frame = frame.replace(f"{{{form}}}", in_form(phrase, form, whom))
    return frame
