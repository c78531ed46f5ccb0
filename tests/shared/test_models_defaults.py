"""Which models a site needs."""

from __future__ import annotations

import pytest

from banksman_shared.models import CATALOGUE, DEFAULT_MODELS, models_for


@pytest.mark.parametrize(
    ("languages", "needed"),
    [
        (["en"], {"whisper-base", "whisper-base-taught", "qwen2.5-coder-0.5b", "qwen2.5-coder-0.5b-taught"}),
        (["en", "tr"], {"whisper-base", "qwen2.5-coder-0.5b", "qwen2.5-coder-0.5b-taught"}),
    ],
)
def test_a_site_needs_only_what_its_languages_need(languages: list[str], needed: set[str]) -> None:
    assert set(models_for(languages)) == needed


def test_what_any_site_may_need_is_fetched_where_no_model_is_named() -> None:
    assert set(models_for(["en", "de"])) <= set(DEFAULT_MODELS) <= set(CATALOGUE)
