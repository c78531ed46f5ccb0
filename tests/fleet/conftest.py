"""The yard: a small site of its own with three vehicles."""

from __future__ import annotations

import pytest
from yard import Yard


@pytest.fixture
def yard() -> Yard:
    return Yard()
