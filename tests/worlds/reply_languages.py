"""The languages that replies are written in."""

from __future__ import annotations

import pytest

LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "sv", "tr", "zh")


EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
