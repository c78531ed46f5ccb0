"""Beam search for what was said, drawn towards the words of the site.

Two rankings share one beam: the recogniser's own probability, and the same with the lexicon's costs and rewards
(shallow fusion with a trie: Zhao et al., Interspeech 2019). The first finds what was said by anybody about
anything; the second what it may have been if it was an order. Both come out, so what was truly said is never lost.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from banksman_edge.asr.decoder import Continuations, Tree
from banksman_edge.asr.lexicon import Lexicon, Step

DRAWN, FREE = 4, 2
"""Hypotheses kept by the drawn score, and by probability alone."""
UNKNOWN_COST = 1.5
"""Nats for each token of a word that is not in the lexicon; chosen by hand, not tuned."""
NAME_REWARD = 1.5
"""Nats for each vehicle or place that is named whole: what is rare in the recogniser's world is not rare here."""
HOPELESS = 4.5
"""Nats below the best at which a hypothesis is given up, and by which a token may be unlikely where it stands; what is
likelier as a whole is for :mod:`mending`."""
MAX_PULL = 9.0
"""Nats by which a text of the site's words may be less likely than what the recogniser heard freely."""
PULL_PER_TOKEN, FREE_TOKENS = 0.2, 20
"""And more for each token beyond these: where Whisper writes byte by byte, every word has a dozen spellings."""
LOOP = 3
"""So many repetitions of the same tokens in a row are a decoder gone astray."""
MOST_LOOPED = 25
"""Tokens; two words of Hindi take a dozen."""
_NO_LEXICON = Step(0, 0, 0)


def most_pull(tokens: int) -> float:
    """Nats by which a text of so many tokens may be less likely than the likeliest."""
    return MAX_PULL + PULL_PER_TOKEN * max(0, tokens - FREE_TOKENS)


@dataclass(frozen=True, slots=True)
class Prompt:
    """How texts of a language begin: tokens after the first, the log-probability of the language, and the lexicon
    that draws the texts, if any."""

    tokens: tuple[int, ...]
    score: float
    language: str
    lexicon: Lexicon | None


@dataclass(frozen=True, slots=True)
class Found:
    """A finished text. ``score``: its log-probability in nats, end of text and language included; ``drawn``: the same
    less what its words cost; ``fit``: the share of its tokens in words of the lexicon, 0 to 1; ``named``: how many
    names of the site are in it; ``given``: it was not found by the search, but given to be weighed; ``each``: the
    log-probability of each token."""

    tokens: tuple[int, ...]
    language: str
    score: float
    drawn: float
    fit: float
    named: int
    each: tuple[float, ...]
    given: bool = False


@dataclass(frozen=True, slots=True)
class _Text:
    """A beginning of a text; ``parent`` is the tree's node before its last token."""

    prompt: Prompt
    parent: int
    tokens: tuple[int, ...]
    score: float
    state: int = 0
    unknown: int = 0
    named: int = 0
    each: tuple[float, ...] = ()

    @property
    def drawn(self) -> float:
        return self.score - UNKNOWN_COST * self.unknown + NAME_REWARD * self.named

    def longer(self, token: int, score: float, end: int, parent: int) -> _Text:
        step, lexicon = _NO_LEXICON, self.prompt.lexicon
        if lexicon:
            step = lexicon.end(self.state) if token == end else lexicon.follow(self.state, token)
        unknown, named = self.unknown + step.unknown, self.named + step.named
        tokens, each = (*self.tokens, token), (*self.each, score)
        return _Text(self.prompt, parent, tokens, self.score + score, step.state, unknown, named, each)

    def found(self) -> Found:
        """It, its last token being the end."""
        tokens = self.tokens[:-1]
        fit = 1 - self.unknown / max(1, len(tokens))
        return Found(tokens, self.prompt.language, self.score, self.drawn, fit, self.named, self.each[:-1])


class Search:
    """The texts of one sound. ``tree`` has its first token, and may have been searched; ``end``: the end-of-text token;
    ``blank``: tokens that no text begins with; ``best``: the log-probability of the likeliest text there is already."""

    def __init__(
        self, tree: Tree, prompts: Sequence[Prompt], end: int, blank: Iterable[int], *, best: float = -math.inf
    ) -> None:
        self._tree, self._end, self._blank, self._best = tree, end, frozenset(blank), best
        self._prompts = {prompt.language: prompt for prompt in prompts}
        self._nodes: dict[str, int] = {}
        self._found: list[Found] = []

    def run(self, max_tokens: int) -> list[Found]:
        """The likeliest texts, by drawn score."""
        texts, pull = self._begin(), most_pull(max_tokens)
        for _ in range(max_tokens):
            beam = self._keep(texts, pull)
            if not beam or self._settled(beam):
                break
            grown = self._tree.extend([text.parent for text in beam], [text.tokens[-1] for text in beam])
            texts = [
                longer
                for text, node in zip(beam, grown.nodes, strict=True)
                for longer in self._continued(text, grown, node)
            ]
        return sorted(self._found, key=lambda found: -found.drawn)

    def weigh(self, language: str, texts: Sequence[tuple[int, ...]]) -> list[Found]:
        """Given texts, as if the search had found them."""
        whole = [(*tokens, self._end) for tokens in texts]
        return [replace(text.found(), given=True) for text in self._given(language, whole)]

    def gains(
        self, language: str, text: tuple[int, ...], changed: Sequence[tuple[int, ...]]
    ) -> dict[tuple[int, ...], float]:
        """Of texts that differ from ``text`` in one place, what each gains by it in nats, one token of what follows
        included. That is most of the truth for a third of the work of weighing them whole."""
        cuts = [max(0, _common_ending(text, other) - 1) for other in changed]
        heads = [other[: len(other) - cut] for other, cut in zip(changed, cuts, strict=True)]
        before = [text[: len(text) - cut] for cut in cuts]
        given = self._given(language, [*heads, *before], near=True)
        gained = (new.drawn - old.drawn for new, old in zip(given, given[len(heads) :], strict=False))
        return dict(zip(changed, gained, strict=False))

    def _given(self, language: str, texts: Sequence[tuple[int, ...]], *, near: bool = False) -> list[_Text]:
        prompt, made = self._prompts[language], []
        for tokens, scores in zip(texts, self._tree.scores(self._nodes[language], texts, near=near), strict=True):
            text = _Text(prompt, 0, (), prompt.score)
            for token, score in zip(tokens, scores, strict=True):
                text = text.longer(token, score, self._end, 0)
            made.append(text)
        return made

    def _begin(self) -> list[_Text]:
        parents: list[int] = []
        prompts = self._prompts.values()
        for prompt in prompts:
            first = len(self._tree) + len(parents)
            last = first + len(prompt.tokens) - 1
            parents += [0, *range(first, last)]
            self._nodes[prompt.language] = last
        grown = self._tree.extend(parents, [token for prompt in prompts for token in prompt.tokens])
        begun = [
            text
            for prompt in prompts
            for text in self._continued(_Text(prompt, 0, (), prompt.score), grown, self._nodes[prompt.language])
        ]
        return [text for text in begun if text.tokens[0] not in self._blank]

    def _continued(self, text: _Text, grown: Continuations, node: int) -> Iterator[_Text]:
        """The text with each of the tokens that may follow it; ``node`` is the tree's of its last token."""
        row = node - grown.nodes.start
        for token, score in zip(grown.tokens[row].tolist(), grown.scores[row].tolist(), strict=True):
            if score <= -HOPELESS:
                return
            yield text.longer(token, score, self._end, node)

    def _keep(self, texts: list[_Text], pull: float) -> list[_Text]:
        """The best by either ranking that repeat nothing and are at most ``pull`` less likely than the likeliest; those
        that have ended are put aside."""
        drawn = heapq.nlargest(DRAWN, texts, key=lambda text: text.drawn)
        free = heapq.nlargest(FREE, texts, key=lambda text: text.score)
        best_drawn, best = (drawn[0].drawn, free[0].score) if texts else (0.0, 0.0)
        kept = [
            text
            for text in dict.fromkeys([*drawn, *free])
            if text.drawn > best_drawn - HOPELESS or text.score > best - HOPELESS
        ]
        ended = [text.found() for text in kept if text.tokens[-1] == self._end]
        self._found += ended
        self._best = max([self._best, *(found.score for found in ended)])
        growing = [text for text in kept if text.tokens[-1] != self._end and self._best - text.score <= pull]
        return [text for text in growing if not _loops(text.tokens)]

    def _settled(self, beam: list[_Text]) -> bool:
        """Whether nothing that is still open can get better than what is finished, by either ranking."""
        if not self._found:
            return False
        best_drawn, best = max(f.drawn for f in self._found), max(f.score for f in self._found)
        return all(text.drawn < best_drawn and text.score < best for text in beam)


def _common_ending(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """How many of the last tokens are the same."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _loops(tokens: tuple[int, ...]) -> bool:
    """Whether the end repeats itself: some stretch of tokens more than ``LOOP`` times in a row."""
    return any(
        len(tokens) > LOOP * size
        and all(tokens[-size * i - size : len(tokens) - size * i] == tokens[-size:] for i in range(1, LOOP + 1))
        for size in range(1, MOST_LOOPED)
    )
