"""Messages in each version of VDA 5050: nothing is lost that a version carries, and its own schema agrees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
from codec_messages import EVERY, FACTSHEET, IDS, KINDS, Generator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from banksman_shared.errors import MessageError
from banksman_shared.vda5050 import (
    VERSIONS,
    ErrorType,
    Factsheet,
    Header,
    Load,
    Responses,
    ZoneSet,
    codec_for,
)
from banksman_shared.vda5050.error_names import FROM_3_0, TO_3_0, from_3_0, to_3_0
from banksman_shared.vda5050.factsheets import NAMES, PARAMETERS, VALUES
from banksman_shared.vda5050.v2 import V2_0, V2_1
from banksman_shared.vda5050.v3 import V3_0
from banksman_shared.vda5050.wire import Dialect, wire_fields

SCHEMAS = Path(__file__).parents[2].parent / "shared" / "vda5050"
DIALECTS = {dialect.version: dialect for dialect in (V2_0, V2_1, V3_0)}
# What fails names its field; making a whole message smaller takes minutes and tells no more.
FEW = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def official(version: str, kind: type[Header]) -> dict[str, Any]:
    """The schema of the standard, with its known defects mended."""
    name = kind.__name__[0].lower() + kind.__name__[1:]
    folder = SCHEMAS / version.removesuffix(".0") if version == "3.0.0" else SCHEMAS / version
    file = folder / f"{name}.schema"
    schema: dict[str, Any] = json.loads((file if file.is_file() else file.with_suffix(".json")).read_text("utf-8"))
    if name == "state" and version != "3.0.0":
        # The text has it (2.1.0 §6.11).
        status = schema["properties"]["actionStates"]["items"]["properties"]["actionStatus"]
        status["enum"].append("PAUSED")
    if name == "factsheet" and version == "2.1.0":
        # Says of an array that it is one of three words; its text wants an array of them.
        features = schema["properties"]["protocolFeatures"]["properties"]
        blocking = features["agvActions"]["items"]["properties"]["blockingTypes"]
        blocking["items"] = {"enum": blocking.pop("enum")}
    return schema


@pytest.mark.parametrize(("version", "kind"), EVERY, ids=IDS)
@FEW
@given(data=st.data())
def test_what_a_version_carries_comes_back_whole(version: str, kind: type[Header], data: st.DataObject) -> None:
    message = data.draw(Generator(version, carried=True).message(kind))
    for strict in (True, False):
        codec = codec_for(version, strict=strict)
        assert codec.decode(kind, codec.encode(message)) == message


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the official VDA 5050 schemas are not beside this checkout")
@pytest.mark.parametrize(("version", "kind"), EVERY, ids=IDS)
@FEW
@given(data=st.data())
def test_whatever_is_written_fits_the_official_schema(version: str, kind: type[Header], data: st.DataObject) -> None:
    message = data.draw(Generator(version, carried=False).message(kind))
    validator = jsonschema.Draft202012Validator(official(version, kind))
    payload = codec_for(version).encode(message)
    document = json.loads(payload)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)] == []
    assert document["version"] == version
    # And a reader that goes by the letter takes it.
    assert isinstance(codec_for(version, strict=True).decode(kind, payload), kind)


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the official VDA 5050 schemas are not beside this checkout")
@pytest.mark.parametrize(("version", "kind"), [pair for pair in EVERY if pair[1] is not Factsheet])
def test_every_field_of_the_official_schema_can_be_read(version: str, kind: type[Header]) -> None:
    """A name that the codec does not know would be dropped in silence."""
    names = _names_of(official(version, kind))
    assert names, "the schema has fields"
    assert names - _names_read(kind, DIALECTS[version]) == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_versions_are_found_by_major_and_minor_number(version: str) -> None:
    assert codec_for(version).version == version
    assert codec_for(version.rpartition(".")[0]) is codec_for(version) is codec_for(version[:-1] + "7")
    assert codec_for(version).topics.prefix == f"uagv/v{version[0]}"


@pytest.mark.parametrize("version", ["1.1.0", "2", "4.0", "", "two"])
def test_other_versions_are_refused_by_name(version: str) -> None:
    with pytest.raises(MessageError, match=r"2\.0\.0, 2\.1\.0, 3\.0\.0"):
        codec_for(version)


@pytest.mark.parametrize("kind", [Responses, ZoneSet])
def test_2_x_has_no_topics_of_3_0(kind: type[Header]) -> None:
    with pytest.raises(MessageError, match=r"2\.1\.0 has no (responses|zoneSet) message"):
        codec_for("2.1.0").decode(kind, b"{}")


def test_error_names_are_translated_one_to_one() -> None:
    assert set(TO_3_0) == {kind.value for kind in ErrorType}
    assert len(FROM_3_0) == len(TO_3_0)
    assert all(from_3_0(to_3_0(kind)) == kind for kind in ErrorType)
    assert all(name == name.upper() for name in FROM_3_0)
    assert from_3_0(to_3_0("acme.forkTooHot")) == "acme.forkTooHot"


def test_names_of_a_factsheet_are_translated_one_to_one() -> None:
    tables = [pairs for part in NAMES.values() for pairs in part.values()] + [*VALUES.values(), PARAMETERS]
    for pairs in tables:
        assert len(set(pairs.values())) == len(pairs)
        assert not set(pairs) & set(pairs.values())


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the official VDA 5050 schemas are not beside this checkout")
def test_a_factsheet_in_3_0_has_no_name_that_its_schema_does_not_know() -> None:
    sheet = Factsheet(header_id=1, timestamp="", version="", manufacturer="Acme", serial_number="A-1", **FACTSHEET)
    known = _names_of(official("3.0.0", Factsheet))
    assert _keys(json.loads(codec_for("3.0.0").encode(sheet))) - known == set()


def test_the_kinds_tested_are_those_that_the_codecs_know() -> None:
    assert set(KINDS) == set(VERSIONS)


def _names_of(schema: Any) -> set[str]:
    """All names of fields in a schema."""
    if isinstance(schema, list):
        return {name for part in schema for name in _names_of(part)}
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    # The conditions of an if repeat what stands elsewhere.
    return own | {name for key, part in schema.items() if key != "if" for name in _names_of(part)}


def _keys(document: Any) -> set[str]:
    if isinstance(document, list):
        return {key for part in document for key in _keys(part)}
    if not isinstance(document, dict):
        return set()
    return set(document) | {key for part in document.values() for key in _keys(part)}


def _names_read(kind: Any, dialect: Dialect) -> set[str]:
    """All names that the codec reads of a message."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return {name for part in get_args(kind) for name in _names_read(part, dialect)}
    found = set()
    for item in wire_fields(kind, dialect.shape(kind)):
        found |= {item.name} | _names_read(item.type, dialect)
    # Kept as they come.
    return found | ({"length", "width", "height"} if kind is Load else set())
