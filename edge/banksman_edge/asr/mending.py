"""What was heard, put right where it is no whole order, and ranked."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from heapq import nlargest
from itertools import accumulate, pairwise

from faster_whisper.tokenizer import Tokenizer

from banksman_edge.asr.lexicon import Vocabulary
from banksman_edge.asr.repair import SoundAlikes
from banksman_edge.asr.search import Found, Search, most_pull
from banksman_edge.asr.transcript import Wholeness

FAR_FETCHED = 2.0
"""Nats of pull from which a whole order is not taken before what was heard freely has been put right, too."""
MOST_READ, MOST_WEIGHED = 8, 3
"""Changed texts of which it is asked whether they are whole orders, of those that gain most where they differ, and that
are weighed whole."""
FAR_BEHIND = 4.0
"""Nats by which one gains less than the first and is not weighed."""
ROUNDS = 2
"""How often a text is put right in one place, where more than one word was misheard."""
WORSE = 2.0
"""Nats of drawn score that a text may lose by being put right, and be put right in a second place."""
WHOLE_REWARD, NUMBERLESS_REWARD = 6.0, 1.5
"""Nats by which a text that is an order from end to end is preferred to one that is not; and by which one that may have
lost a number is."""
AS_LONG = 0.7
"""Of the letters of the longest likely text, a whole order has at least so many."""

Whole = Callable[[str, str], Wholeness]
"""How far a text, in a language, is a whole order on the site."""


class Mender:
    """Puts texts right, in the languages that have a ``vocabulary``. ``pieces``: the bytes of every token; ``whole``
    tells how far a text is an order from end to end."""

    def __init__(
        self,
        tokenizers: Mapping[str, Tokenizer],
        pieces: Sequence[bytes],
        vocabulary: Mapping[str, Vocabulary],
        whole: Whole,
    ) -> None:
        self._tokenizers, self._pieces, self._whole = tokenizers, pieces, whole
        self._alikes = {code: SoundAlikes(words, code) for code, words in vocabulary.items()}
        self._some_name = {code: min(words.names, default="1") for code, words in vocabulary.items()}

    def warm_up(self) -> None:
        """Read and repair a name in each language."""
        for code, name in self._some_name.items():
            self._alikes[code].repaired(name)
            self._whole(name, code)

    def mended(self, search: Search, found: list[Found]) -> list[Found]:
        """The texts, best first. Where the best is no whole order, or one that was hardly heard: also what their words
        may have been."""
        if not found:
            return found
        found, freest = self.ranked(found), max(found, key=lambda one: one.score)
        for doubtful in dict.fromkeys((found[0], freest)):
            pull = freest.score - found[0].score
            if self._is_certain(found) and (pull < FAR_FETCHED or doubtful is not freest):
                continue
            if freest.score - doubtful.score > most_pull(len(doubtful.tokens)):
                break
            found = self._put_right(search, found, doubtful, freest.score)
        return found

    def _put_right(self, search: Search, found: list[Found], doubtful: Found, best: float) -> list[Found]:
        """With what the words of one of them may have been; ``best``: the score of the likeliest."""
        for _ in range(ROUNDS):
            repaired = self.ranked(self._repaired(search, doubtful, {one.tokens for one in found}))
            found = self.ranked([*found, *repaired])
            if self._is_certain(found) or not repaired or repaired[0].drawn < doubtful.drawn - WORSE:
                break
            doubtful = repaired[0]
            if best - doubtful.score > most_pull(len(doubtful.tokens)):
                break
        return found

    def is_order(self, ranked: Sequence[Found]) -> bool:
        """Whether the first of these is a whole order."""
        return bool(ranked) and self._wholeness(ranked[0], self._least_letters(ranked)) > Wholeness.NONE

    def _is_certain(self, ranked: Sequence[Found]) -> bool:
        """Whether it is, and no number was lost in it."""
        return self._wholeness(ranked[0], self._least_letters(ranked)) >= Wholeness.WHOLE

    def _repaired(self, search: Search, doubtful: Found, known: Collection[tuple[int, ...]]) -> list[Found]:
        """Of the texts with one stretch replaced, those that gain most by it, weighed."""
        language, alikes = doubtful.language, self._alikes.get(doubtful.language)
        texts = alikes.repaired(self.text(doubtful), self._doubts(doubtful)) if alikes else ()
        written = {tuple(self._spell(text, doubtful)): text for text in texts}
        gains = search.gains(language, doubtful.tokens, [text for text in written if text not in known])
        gains = {
            text: gains[text] + WHOLE_REWARD * (self._whole(written[text], language) > Wholeness.NONE)
            for text in nlargest(MOST_READ, gains, key=gains.__getitem__)
        }
        most = max(gains.values(), default=0.0)
        foremost = nlargest(
            MOST_WEIGHED, [text for text in gains if gains[text] >= most - FAR_BEHIND], gains.__getitem__
        )
        return search.weigh(language, foremost) if foremost else []

    def ranked(self, found: Sequence[Found]) -> list[Found]:
        """Best first, whole orders preferred, but for those that are likelier with something more in them. In a whole
        order every word is one of the site's, however it is spelt: 中防 for 厨房 costs nothing."""
        whole = {one: kind for one, kind in zip(found, self.wholes(found), strict=True) if kind}
        fuller = [(one.score, _letters(self.text(one))) for one in found if one not in whole]

        def rank(one: Found) -> float:
            letters = _letters(self.text(one)) if one in whole else ""
            if not letters or any(score > one.score and _leaves_out(letters, more) for score, more in fuller):
                return one.drawn
            reward = NUMBERLESS_REWARD if whole[one] is Wholeness.NUMBERLESS else WHOLE_REWARD
            return max(one.drawn, one.score) + reward

        return sorted(found, key=rank, reverse=True)

    def _least_letters(self, found: Sequence[Found]) -> float:
        """How long a whole order must be here: half of what was said may be an order, too."""
        freest = max((one.score for one in found), default=0.0)
        likely = [one for one in found if freest - one.score <= most_pull(len(one.tokens))]
        return AS_LONG * max((len(self.text(one)) for one in likely), default=0)

    def wholes(self, found: Sequence[Found]) -> list[Wholeness]:
        """How far each of them is a whole order."""
        least = self._least_letters(found)
        return [self._wholeness(one, least) for one in found]

    def _wholeness(self, one: Found, least: float) -> Wholeness:
        """How far a text is an order from end to end; with fewer letters than ``least``, not at all."""
        if one.language not in self._alikes:
            return Wholeness.WHOLE
        text = self.text(one)
        return self._whole(text, one.language) if len(text) >= least else Wholeness.NONE

    def text(self, found: Found) -> str:
        """As it is written."""
        return str(self._tokenizers[found.language].decode(list(found.tokens)).strip())

    def _doubts(self, found: Found) -> list[float]:
        """By how many nats each character of its text surprised; of a token, its characters alike."""
        pieces = [self._pieces[token] for token in found.tokens]
        surprise = [-score / len(piece) for score, piece in zip(found.each, pieces, strict=True) for _ in piece]
        written = b"".join(pieces).decode(errors="replace")
        if written.strip() != self.text(found) or len(written.encode()) != len(surprise):
            return []
        ends = [0, *accumulate(len(char.encode()) for char in written)]
        doubts = [sum(surprise[start:end]) for start, end in pairwise(ends)]
        start = len(written) - len(written.lstrip())
        return doubts[start : start + len(self.text(found))]

    def _spell(self, text: str, like: Found) -> list[int]:
        """The tokens of a text that begins as another was written: with a space before it or without."""
        written = self._tokenizers[like.language].decode(list(like.tokens))
        return list(self._tokenizers[like.language].encode(" " + text if written.startswith(" ") else text))


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if unicodedata.category(char)[0] in "LMN")


def _leaves_out(letters: str, fuller: str) -> bool:
    """Whether these are the other's letters with some left out."""
    rest = iter(fuller)
    return len(letters) < len(fuller) and all(letter in rest for letter in letters)
