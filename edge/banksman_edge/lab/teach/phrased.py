"""Sentences for teaching Whisper out of the phrases that Llama is taught with: ten times as many, and as people talk.

They are written as Whisper writes: numbers in digits, and with a mark at their end.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from banksman_edge.lab.teach.llama.compose import MARK, Composed, Composer
from banksman_edge.lab.teach.llama.invented_sites import make_scene
from banksman_edge.lab.teach.llama.phrases import phrases
from banksman_edge.lab.teach.sentences import Sentence, capital
from banksman_edge.understanding.text import UNSPACED

_PER_SCENE = 6
"""Sentences about one invented site: few, so that there are many names."""
_MARKS = {"zh": ("，", "。", "？"), "ja": ("、", "。", "？"), "hi": (",", "।", "?")}
"""A pause, the end, and the end of a question."""
_QUESTIONS = {
    "en": r"(?:^|, )(?:is|are|was|did|do|does|has|have|can|could|will|would|where|why|what|how|who|when|which|may)\b",
    "es": r"(?:^|, )(?:puedes?|podrías?|podéis|puede|pueden|dónde|por qué|qué|cómo|quién|cuándo|cuánto|cuál|están?)\b",
    "fr": r"(?:^|, )(?:est-ce|peux-tu|pouvez-vous|tu peux|tu pourrais|pourrais-tu|vous pouvez|où|pourquoi|quand|qui)\b",
    "it": r"(?:^|, )(?:puoi|potresti|potete|può|dove|perché|quando|chi|come mai|quanto|quale|si può)\b",
    "pt": r"(?:^|, )(?:podes?|pode|podem|poderias?|onde|por que|porque é que|quando|quem|quanto|qual|dá pra|será)\b",
    "de": r"(?:^|, )(?:kannst|könntest|können|könnte|kann|wo|warum|wieso|wann|wer|wie|würdest|würdet|ist|hat|wird)\b",
    "hi": r"(?:^|[ ,])(?:क्या|कहाँ|क्यों|कब|कौन|कितन\S|कैसे)(?: |$)",
    "zh": r"吗|是不是|要不要|能不能|可不可以|为什么|怎么|哪|什么时候|谁",
    "ja": r"(?:ますか|ですか|せんか|ましたか|れるか|るの|どこ|なぜ|いつ|誰)$",
}
"""How questions are known; one that is not gets a full stop."""
_SPACE_AT_MARK = re.compile(r"\s*([，、])\s*|\s+")


def phrased(language: str, random: random.Random, *, test: bool) -> Iterator[Sentence]:
    """Sentences without end; those of tests have phrases and words that training never has."""
    said = phrases(language, test=test)
    pause, stop, asked = _MARKS.get(language, (",", ".", "?"))
    question = re.compile(_QUESTIONS[language], re.IGNORECASE)
    while True:
        scene = make_scene(language, said, random, test=test, in_words=0)
        composer = Composer(scene, said, language, random, pause)
        for _ in range(_PER_SCENE):
            composed = composer.make()
            text = MARK.sub(lambda found: found[2], composed.text)
            if language in UNSPACED:
                text = _SPACE_AT_MARK.sub(lambda found: found[1] or pause, text)
            bare = text.rstrip(f" {stop}{asked}!")
            end = asked if question.search(bare) or text.endswith("?") else stop
            yield Sentence(f"{capital(bare)}{end}", language, _kind(composed))


def _kind(composed: Composed) -> str:
    first = composed.clauses[0].action
    return "chatter" if first == "none" else first
