"""A sentence with tags in place of the site's names, as language models get to see it.

The model never sees a name or an id of the site. Names found in the sentence become tags (``V1``, ``P1``…), and its
answer, held to a grammar made of these tags, can only use them: ``transport V1 from P1 to P2``. So it cannot invent
a place, a new site needs no other prompt, and an answer takes a dozen tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.tokens import UNSPACED, Tokens

_CASES = {"tr": {"from": "den", "to": "ye"}}
"""How an ending that does the work of a preposition is shown, where the tag has swallowed it with the name."""
_LETTER = {What.VEHICLE: "V", What.GROUP: "G", What.VEHICLE_KIND: "K", What.PLACE: "P", What.PLACE_KIND: "D"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a name of the sentence, tokens [start, end), and what stands for it; ``tag`` empty for a word.
    ``case``: what is shown of the ending of a place."""

    start: int
    end: int
    text: str
    tag: str = ""
    case: str = ""

    @property
    def named(self) -> bool:
        """Whether it names one thing of the site; a kind alone does not."""
        return self.tag[:1] in {"V", "G", "P"}


@dataclass(slots=True)
class Sketch:
    """A sentence with its names replaced by tags, and what the tags stand for."""

    language: str
    pieces: list[Piece] = field(default_factory=list)
    things: dict[str, Mention] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.joined(self.pieces)

    def joined(self, pieces: Sequence[Piece]) -> str:
        """Pieces as they are written; where words are not separated, tags stand apart."""
        spaced = [f" {piece.tag} {piece.case} " if piece.tag else piece.text for piece in pieces]
        return " ".join(("" if self.language in UNSPACED else " ").join(spaced).split())

    @property
    def people(self) -> list[str]:
        return [tag for tag in self.things if tag[0] in "VGK"]

    @property
    def places(self) -> list[str]:
        return [tag for tag in self.things if tag[0] == "P"]


def sketch(tokens: Tokens, mentions: Iterable[Mention], language: str) -> Sketch:
    """Replace the mentions by tags; the same thing gets the same tag."""
    drawn = Sketch(language)
    tags: dict[tuple[What, tuple[str, ...]], str] = {}
    at = 0
    for mention in mentions:
        letter = _LETTER.get(mention.what)
        if letter is None:
            continue
        drawn.pieces += _words(tokens, at, mention.start)
        key = (mention.what, mention.ids)
        if key not in tags:
            number = 1 + sum(tag[0] == letter for tag in drawn.things)
            tags[key] = f"{letter}{number}"
            drawn.things[tags[key]] = mention
        if letter == "D":  # a kind of place is a common noun: the model reads it as such
            drawn.pieces += _words(tokens, mention.start, mention.end)
        else:
            case = _CASES.get(language, {}).get(mention.role, "") if letter == "P" else ""
            drawn.pieces.append(Piece(mention.start, mention.end, mention.text, tags[key], case))
        at = mention.end
    drawn.pieces += _words(tokens, at, len(tokens))
    return drawn


def _words(tokens: Tokens, start: int, end: int) -> list[Piece]:
    return [Piece(at, at + 1, tokens[at]) for at in range(start, end)]
