"""What the master sends is judged by the official schemas of VDA 5050 2.1.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from yard import Yard

from banksman_shared.vda5050 import codec_for

CODEC = codec_for("2.1.0")

SCHEMAS = Path(__file__).parents[3].parent / "shared" / "vda5050" / "2.1.0"


def validator(topic: str) -> jsonschema.Draft202012Validator:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{topic}.schema").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the official VDA 5050 2.1.0 schemas are not beside this checkout")
def test_everything_sent_fits_the_official_schemas(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    yard.submit("t", {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"})
    yard.until(yard.done("t"))
    yard.submit("c", {"action": "charge", "vehicles": ["agv-1"]})
    yard.until(yard.done("c"))
    car.x -= 0.5  # not quite on its node
    yard.step()
    yard.submit("p", {"action": "park", "vehicles": ["agv-1"]})
    yard.until(lambda: "running" in yard.statuses("p"))
    for action in ("stop", "resume", "cancel"):
        yard.submit(action, {"action": action, "vehicles": ["agv-1"]})
        yard.until(yard.done(action))
    topics = [topic for topic, _ in yard.sent]
    assert topics == ["order"] * 3 + ["instantActions"] * 3
    for topic, message in yard.sent:
        problems = [error.message for error in validator(topic).iter_errors(json.loads(CODEC.encode(message)))]
        assert problems == []
    ids = [n["actionId"] for _, m in yard.sent for n in _actions(json.loads(CODEC.encode(m)))]
    assert len(ids) == len(set(ids)) == 7


def _actions(message: dict[str, Any]) -> list[dict[str, Any]]:
    on_the_way = [action for node in message.get("nodes", []) for action in node["actions"]]
    return on_the_way + message.get("actions", [])
