"""Which languages can be heard at all."""

from __future__ import annotations

from collections.abc import Iterable

WHISPER_LANGUAGES = frozenset(
    """
    af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id
    is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd
    si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue zh
    """.split()  # noqa: SIM905  a list would be a hundred lines
)
"""The codes that Whisper was trained with; Cantonese (yue) only its large-v3."""


def unheard(languages: Iterable[str]) -> list[str]:
    """Those of a site's languages that no Whisper knows: they can be written, and are misheard as another one."""
    return [language for language in languages if language not in WHISPER_LANGUAGES]
