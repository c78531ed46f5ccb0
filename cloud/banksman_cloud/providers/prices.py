"""List prices of hosted models, from genai-prices: each version of that package is a dated set."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version

from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot


@lru_cache
def source() -> str:
    """Which prices these are: the version of the set, and the day from which its newest ones hold."""
    constraints = (
        variant.constraint
        for provider in get_snapshot().providers
        for model in provider.models
        for variant in (*(model.price_variants or ()), *(model.prices if isinstance(model.prices, list) else ()))
    )
    days = (day for constraint in constraints if (day := getattr(constraint, "start_date", None)) is not None)
    newest = max((day for day in days if day <= datetime.now(UTC).date()), default=None)
    return f"genai-prices {version('genai-prices')}" + (f", the newest from {newest.isoformat()}" if newest else "")


def usd(vendor: str, model: str, input_tokens: int, output_tokens: int) -> float:
    """US dollars; 0 for a model that is not listed, such as one of your own behind an OpenAI-like address."""
    if not listed(vendor, model):
        return 0.0
    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    return float(calc_price(usage, model, provider_id=vendor).total_price)


@lru_cache
def listed(vendor: str, model: str) -> bool:
    """Whether there is a price for a model."""
    try:
        calc_price(Usage(input_tokens=1, output_tokens=1), model, provider_id=vendor)
    except LookupError:
        return False
    return True
