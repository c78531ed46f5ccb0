"""Write talk that the stop spotter can be taught with: `banksman teach stop prepare LESSON --talk FILE`.

    apt-get install fortunes fortunes-de fortunes-es fortunes-it fortunes-br fortunes-pl fortunes-ru
    pip install wordfreq
    python scripts/make_stop_talk.py talk.jsonl

Sentences of Debian's fortunes packages, in the languages that have one. In the others frequent words in random order
(wordfreq, Apache-2.0, its lists CC-BY-SA-4.0): no sentences, but the sounds of the language, each beside many others.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from wordfreq import top_n_list

FORTUNES = Path("/usr/share/games/fortunes")
ENGLISH = (
    *("fortunes", "wisdom", "people", "work", "politics", "literature", "love", "men-women", "kids", "platitudes"),
    *("humorists", "sports", "pets", "food", "cookie", "law", "medicine", "news", "education", "miscellaneous"),
    "definitions",
)
ITALIAN = ("formiche", "italia", "leggi", "lercio", "luttazzi", "paolotedeschi")
PROSE = {"en": ENGLISH, "it": ITALIAN, "pt": ("brasil",)}
FOLDERS = ("de", "es", "pl", "ru")
COUNTS = {"en": 900, "hi": 250, "fr": 200, "es": 150, "it": 150, "pt": 150, "zh": 150, "ja": 150}
"""How many, by language: most where most talk was taken for stop words."""
OTHERS, COUNT = ("de", "nl", "pl", "ar", "tr", "ru", "ko", "sv"), 120
FREQUENT, WORDS = 4000, (5, 9)
UNSPACED = ("zh", "ja")
ATTRIBUTION = re.compile(r"\s*(--|—|\(|\[)")
SENTENCE = re.compile(r"[^\W\d_][^\W\d_ ,'’-]*(?:[ ,'’-]+[^\W\d_]+)+")
SHOUTED = re.compile(r"\b[A-Z]{2,}\b")
LONGEST, SENTENCE_WORDS = 75, range(4, 13)


def main() -> None:
    chance = random.Random(5)
    counts = COUNTS | dict.fromkeys(OTHERS, COUNT)
    said = [(code, text) for code, count in counts.items() for text in islice(_talk(code, chance), count)]
    lines = (json.dumps({"language": code, "text": text}, ensure_ascii=False) for code, text in said)
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _talk(code: str, chance: random.Random) -> Iterator[str]:
    if code not in (*PROSE, *FOLDERS):
        return _random_words(code, chance)
    sentences = list(dict.fromkeys(_prose(code)))
    chance.shuffle(sentences)
    return iter(sentences)


def _prose(code: str) -> Iterator[str]:
    """Whole sentences of letters alone."""
    files = [FORTUNES / name for name in PROSE.get(code, ())] or sorted((FORTUNES / code).glob("*.u8"))
    for entry in (entry for file in files for entry in file.read_text("utf-8", "replace").split("\n%\n")):
        text = " ".join(line.strip() for line in entry.split("\n") if not ATTRIBUTION.match(line))
        for part in re.split(r"(?<=[.!?])\s+", text):
            said = part.strip(' "*').rstrip(".!?")
            fits = len(said.split()) in SENTENCE_WORDS and len(said) < LONGEST
            if fits and SENTENCE.fullmatch(said) and not SHOUTED.search(said):
                yield said


def _random_words(code: str, chance: random.Random) -> Iterator[str]:
    words = [word for word in top_n_list(code, FREQUENT) if re.fullmatch(r"[^\W\d_][^\d_\s]*", word)]
    while True:
        yield ("" if code in UNSPACED else " ").join(chance.choices(words, k=chance.randint(*WORDS)))


if __name__ == "__main__":
    main()
