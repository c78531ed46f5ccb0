"""The decoder on trees of tokens: the same model as CTranslate2 runs, sharing what texts have in common."""

from __future__ import annotations

import math
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from banksman_edge import Sound
from banksman_edge.asr.decoder import Tree, TreeDecoder
from banksman_edge.asr.search import Found, Prompt, Search, most_pull
from banksman_edge.errors import RecogniserError
from banksman_shared.errors import ModelError
from banksman_shared.models import ModelStore

pytestmark = pytest.mark.models

NOISE = 0.25
"""Nats: activations are rounded to 8 bits, differently for one token and for many."""


@pytest.fixture(scope="module")
def model() -> Path:
    return ModelStore().path("whisper-base")


@pytest.fixture(scope="module")
def whisper(model: Path) -> WhisperModel:
    return WhisperModel(str(model), device="cpu", compute_type="float32", cpu_threads=1, local_files_only=True)


@pytest.fixture(scope="module")
def tokenizer(whisper: WhisperModel) -> Tokenizer:
    return Tokenizer(whisper.hf_tokenizer, multilingual=True, task="transcribe", language="en")


@pytest.fixture(scope="module")
def decoder(model: Path, tokenizer: Tokenizer) -> TreeDecoder:
    return TreeDecoder(model, [], tokenizer.eot, threads=1)


@pytest.fixture(scope="module")
def encoded(whisper: WhisperModel, speech: dict[str, Sound]) -> ctranslate2.StorageView:
    padded = np.zeros(10 * 16_000, np.float32)
    samples = speech["en-move"].samples
    padded[: len(samples)] = samples
    return whisper.encode(whisper.feature_extractor(padded)[:, :1000])


@pytest.fixture
def tree(decoder: TreeDecoder, encoded: ctranslate2.StorageView, tokenizer: Tokenizer) -> Tree:
    tree = decoder.listen(np.array(encoded)[0])
    tree.start(tokenizer.sot)
    tree.extend([0, 1, 2], [*tokenizer.sot_sequence[1:], tokenizer.no_timestamps])
    return tree


def test_it_gives_the_probabilities_that_ctranslate2_gives(
    whisper: WhisperModel, tokenizer: Tokenizer, encoded: ctranslate2.StorageView, tree: Tree
) -> None:
    prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    result = whisper.model.generate(
        encoded, [prompt], beam_size=1, return_scores=True, suppress_tokens=[], suppress_blank=False
    )[0]
    text = result.sequences_ids[0]
    assert "workshop" in tokenizer.decode(text)
    score = sum(tree.scores(3, [[*text, tokenizer.eot]])[0])
    assert score == pytest.approx(result.scores[0] * len(text), abs=0.5)


def test_texts_weighed_together_and_one_by_one_come_out_the_same(tokenizer: Tokenizer, tree: Tree) -> None:
    texts = [tokenizer.encode(text) for text in (" Send tugger 2", " Send tugger two", " Send", " Sent a tugger")]
    together = tree.scores(3, texts)
    for text, scores in zip(texts, together, strict=True):
        assert scores == pytest.approx(tree.scores(3, [text])[0], abs=NOISE)
        assert len(scores) == len(text)
    assert sum(together[2]) > sum(together[0])


def test_among_likely_tokens_a_text_scores_little_more_than_among_all(tokenizer: Tokenizer, tree: Tree) -> None:
    nodes = [3]
    for token in tokenizer.encode(" Send tugger 2 to the workshop."):
        nodes.append(tree.extend(nodes[-1:], [token]).nodes[0])
    texts = [tokenizer.encode(text) for text in (" Send tugger 2 to the workshop", " Send a walrus", " Paris and Rome")]
    exact, near = ([sum(one) for one in tree.scores(3, texts, near=near)] for near in (False, True))
    assert near[0] == pytest.approx(exact[0], rel=0.1)
    assert all(rough > true - 2 * NOISE for rough, true in zip(near, exact, strict=True))
    assert np.argsort(near).tolist() == np.argsort(exact).tolist()


def test_what_may_follow_has_the_score_that_weighing_gives(tokenizer: Tokenizer, tree: Tree) -> None:
    prefix = tokenizer.encode(" Send")
    nodes = [3]
    for token in prefix:
        step = tree.extend(nodes[-1:], [token])
        nodes.append(step.nodes[0])
    before = sum(tree.scores(3, [prefix])[0])
    likeliest = step.tokens[0][:5].tolist()
    weighed = tree.scores(3, [[*prefix, token] for token in likeliest])
    assert [before + score for score in step.scores[0][:5]] == pytest.approx([sum(one) for one in weighed], abs=NOISE)


def test_branches_do_not_see_each_other(tokenizer: Tokenizer, tree: Tree) -> None:
    one, other = tokenizer.encode("Send")[0], tokenizer.encode("Stop")[0]
    alone = tree.extend([3], [one])
    beside = tree.extend([3, 3], [other, one])
    np.testing.assert_allclose(beside.scores[1], alone.scores[0], atol=NOISE)
    assert not np.allclose(beside.scores[0], beside.scores[1], atol=2 * NOISE)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"nothing")
    with pytest.raises((RecogniserError, ModelError), match="model"):
        TreeDecoder(tmp_path, [], 1)


def test_a_tree_that_was_searched_can_be_searched_in_another_language(
    decoder: TreeDecoder, encoded: ctranslate2.StorageView, tokenizer: Tokenizer, whisper: WhisperModel
) -> None:
    spanish = Tokenizer(whisper.hf_tokenizer, multilingual=True, task="transcribe", language="es")

    def search(tree: Tree, of: Tokenizer) -> Search:
        prompt = Prompt((*of.sot_sequence[1:], of.no_timestamps), 0.0, "", None)
        return Search(tree, [prompt], tokenizer.eot, ())

    fresh, used = decoder.listen(np.array(encoded)[0]), decoder.listen(np.array(encoded)[0])
    for tree in (fresh, used):
        tree.start(tokenizer.sot)
    search(used, tokenizer).run(24)
    searches = [search(tree, spanish) for tree in (fresh, used)]
    found = [one.run(24)[0] for one in searches]
    for weighing in searches:
        for text in found:
            assert weighing.weigh("", [text.tokens])[0].score == pytest.approx(text.score, abs=NOISE)


def test_texts_far_less_likely_than_one_there_is_already_are_given_up_before_their_end(
    decoder: TreeDecoder, encoded: ctranslate2.StorageView, tokenizer: Tokenizer
) -> None:
    def searched(best: float) -> tuple[list[Found], int]:
        tree = decoder.listen(np.array(encoded)[0])
        tree.start(tokenizer.sot)
        prompt = Prompt((*tokenizer.sot_sequence[1:], tokenizer.no_timestamps), 0.0, "en", None)
        return Search(tree, [prompt], tokenizer.eot, (), best=best).run(24), len(tree)

    found, nodes = searched(-math.inf)
    same, as_many = searched(found[0].score)
    assert (same, as_many) == (found, nodes)
    nothing, fewer = searched(found[0].score + most_pull(24) + 1)
    assert nothing == []
    assert fewer < nodes


def test_of_changed_texts_that_which_fits_the_sound_gains_most(
    decoder: TreeDecoder, encoded: ctranslate2.StorageView, tokenizer: Tokenizer
) -> None:
    tree = decoder.listen(np.array(encoded)[0])
    tree.start(tokenizer.sot)
    search = Search(
        tree, [Prompt((*tokenizer.sot_sequence[1:], tokenizer.no_timestamps), 0.0, "en", None)], tokenizer.eot, ()
    )
    right = search.run(24)[0].tokens
    words = tokenizer.decode(list(right)).split(" ")
    readings = [" ".join([*words[:at], word, *words[at + 1 :]]) for at in range(1, 4) for word in ("walrus", "Paris")]
    changed = [tuple(tokenizer.encode(reading)) for reading in readings]
    misheard, *others = changed
    gains = search.gains("en", misheard, [*others, right])
    assert max(gains, key=gains.__getitem__) == right
    assert all(gain < 0 for gain in search.gains("en", right, changed).values())
