"""What tests need of the broker that they run on."""

from __future__ import annotations

import pytest

from banksman_shared.broker import available_flavour

MOSQUITTO = pytest.mark.skipif(
    available_flavour() != "mosquitto",
    reason="the embedded broker delivers at the level that was subscribed to, and says of nothing that it was retained",
)
