"""Whisper, cut down to what a spoken order needs.

Whisper pads each clip to 30 s. The published weights lose nothing with 10 s of context and take a fraction of the
time; weights that were taught to (docs/teaching.md) need no more than the sound there is. CTranslate2 runs the
encoder, once for the language and the text; the decoder runs on trees of tokens (:mod:`search`), drawn towards the
site's words.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper.tokenizer import Tokenizer

from banksman_edge.asr.confidence import Calibration, read_calibration
from banksman_edge.asr.decoder import Floats, Tree, TreeDecoder
from banksman_edge.asr.device import load_whisper
from banksman_edge.asr.lexicon import Lexicon, Vocabulary
from banksman_edge.asr.mending import Mender, Whole
from banksman_edge.asr.pieces import token_bytes
from banksman_edge.asr.search import Found, Prompt, Search, most_pull
from banksman_edge.asr.settings import read_settings
from banksman_edge.asr.transcript import Hypothesis, Signals, Transcript, Wholeness
from banksman_edge.audio import SAMPLE_RATE, Samples, Sound, VoiceActivity
from banksman_edge.errors import RecogniserError
from banksman_edge.thread_priority import calm_blas

log = logging.getLogger(__name__)

WINDOW_S = 28.0
"""Longer speech is cut into windows of at most this; Whisper's own limit is 30 s."""
FRAMES_PER_S = 100
MAX_TOKENS_PER_S = 16
"""Speech has 3 to 8 tokens a second, or 15 in scripts that Whisper writes byte by byte; a decoder that writes more
is repeating itself."""
RIVAL_LANGUAGE = 0.3
"""A second language this close to the first (ratio of probabilities) is searched too."""
UNLIKELY_LANGUAGE = 0.02
"""And up to two of these where nothing so far is a whole order: short words sound like many languages."""
MAX_NO_SPEECH = 0.85
MIN_CONFIDENCE, MIN_WHOLE = 0.25, 0.2
"""Mean probability of the tokens below which a text is none; and that of whole orders, but for stops: with 0.2 for
them, one of 208 recordings of people who spoke to nobody stopped everybody."""
HYPOTHESES = 6


class WhisperRecogniser:
    """Recognises orders with one loaded model; calls must not overlap.

    ``vocabulary``: by language, what may be said on the site; a language without one is recognised as it comes.
    ``whole`` tells how far a text is an order from end to end: what is not may have been misheard (:mod:`mending`).
    A ``confidence.json`` in the model's folder says what the signals mean together (``banksman bench confidence``);
    without it the confidence is the text's own certainty.
    ``device`` "auto" takes a CUDA GPU for the encoder where one can be used, else the CPU (:mod:`device`).
    ``threads``: 0 for as many as the machine has cores.

    Raises:
        RecogniserError: the folder is no model that can be used, or knows none of the ``languages``.
        ModelError: its weights or its ``config.json`` are damaged, or of a kind that is not known here.
    """

    def __init__(
        self,
        model: Path,
        languages: Sequence[str],
        *,
        vocabulary: Mapping[str, Vocabulary] | None = None,
        whole: Whole = lambda _text, _language: Wholeness.WHOLE,
        device: str = "auto",
        threads: int = 0,
    ) -> None:
        calm_blas()
        loaded, settings = load_whisper(model, device, threads), read_settings(model)
        self._model, self.device, self.compute_type = loaded.whisper, loaded.device, loaded.compute_type
        token = self._model.hf_tokenizer.token_to_id
        self._language_tokens = {code: token(f"<|{code}|>") for code in self._model.supported_languages}
        self._languages = tuple(code for code in languages if self._language_tokens.get(code) is not None)
        if not self._languages:
            raise RecogniserError(f"this Whisper knows none of the site's languages {list(languages)}")
        if unknown := [code for code in languages if code not in self._languages]:
            log.warning("this Whisper does not know %s: what is said in it is misheard", ", ".join(unknown))
        self._context_s, self._padding_s = settings.context_s, settings.padding_s
        self._tokenizers = {code: self._tokenizer(code) for code in self._languages}
        self._end: int = self._tokenizers[self._languages[0]].eot
        self._decoder = TreeDecoder(model, settings.suppressed, self._end, threads=threads)
        pieces = token_bytes(self._model.hf_tokenizer, self._decoder.tokens)
        self._blank = settings.suppressed_first
        self._lexicons = {code: Lexicon(words, pieces) for code, words in (vocabulary or {}).items()}
        self._mender = Mender(self._tokenizers, pieces, vocabulary or {}, whole)
        self._calibration = _calibration(model)
        self._activity = VoiceActivity()

    def _tokenizer(self, language: str) -> Tokenizer:
        multilingual = self._model.model.is_multilingual
        return Tokenizer(self._model.hf_tokenizer, multilingual, task="transcribe", language=language)

    def warm_up(self) -> None:
        """Run once on silence, and read and repair a name in each language, so that the first order does not pay for
        what is set up on first use."""
        self._decode(np.zeros(SAMPLE_RATE, np.float32))
        self._mender.warm_up()

    def transcribe(self, sound: Sound) -> Transcript:
        """Recognise one utterance; see :class:`Recogniser`."""
        speech = self._activity.segments(sound)
        if not speech:
            return self._nothing("nobody spoke")
        spoken = sum(end - start for start, end in speech)
        voice = spoken / (speech[-1][1] - speech[0][0])
        try:
            parts = [self._decode(sound.between(*window).samples) for window in _windows(speech)]
        except (RuntimeError, ValueError) as error:
            raise RecogniserError(f"recognition failed: {error}") from error
        heard = [part for part in parts if part.text]
        return self._weighed(_joined(heard), voice, spoken / SAMPLE_RATE) if heard else parts[0]

    def _weighed(self, transcript: Transcript, voice: float, spoken_s: float) -> Transcript:
        """With the last signals, and the confidence that all together give it."""
        transcript = replace(transcript, signals=replace(transcript.signals, voice=voice, spoken_s=spoken_s))
        if self._calibration is None:
            return transcript
        confidence, doubt = self._calibration.probability(transcript), self._calibration.doubt(transcript)
        return replace(transcript, confidence=confidence, reason=doubt)

    def _nothing(self, reason: str) -> Transcript:
        return Transcript("", self._languages[0], 0.0, reason=reason)

    def _decode(self, samples: Samples) -> Transcript:
        tree = self._decoder.listen(self._encode(samples))
        for lexicon in self._lexicons.values():
            lexicon.begin()
        first = tree.start(self._tokenizers[self._languages[0]].sot)
        languages, ours, no_speech = self._languages_in(first)
        likely = [code for code, score in languages[:2] if score >= languages[0][1] + math.log(RIVAL_LANGUAGE)]
        prompts = {code: self._prompt(code, score) for code, score in languages}
        most = 8 + int(len(samples) / SAMPLE_RATE * MAX_TOKENS_PER_S)
        found = self._searched(tree, [prompts.pop(code) for code in likely], most)
        if prompts and not self._mender.is_order(found):
            best = max((one.score for one in found), default=-math.inf)
            found = self._mender.ranked([*found, *self._searched(tree, list(prompts.values()), most, best)])
        return self._transcript(found, dict(languages), Signals(no_speech=no_speech, site_language=ours))

    def _searched(self, tree: Tree, prompts: Sequence[Prompt], most: int, best: float = -math.inf) -> list[Found]:
        search = Search(tree, prompts, self._end, self._blank, best=best)
        return self._mender.mended(search, search.run(most))

    def _encode(self, samples: Samples) -> Floats:
        """The encoder's output for a sound followed by silence, (frames, width)."""
        seconds = max(self._context_s, len(samples) / SAMPLE_RATE + self._padding_s)
        padded = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
        padded[: len(samples)] = samples
        features = self._model.feature_extractor(padded)[:, : int(seconds * FRAMES_PER_S)]
        encoded = self._model.encode(features)
        if encoded.device != "cpu":
            encoded = encoded.to_device(ctranslate2.Device.cpu)
        values: Floats = np.array(encoded, dtype=np.float32)[0]
        return values

    def _languages_in(self, logits: Floats) -> tuple[list[tuple[str, float]], float, float]:
        """The site's languages that may have been spoken, likeliest first, with log-probabilities among the site's; the
        probability that it is one of the site's at all; and that nobody spoke."""
        spread = float(np.logaddexp.reduce(logits))
        every = float(np.logaddexp.reduce(logits[[t for t in self._language_tokens.values() if t is not None]]))
        score = {code: float(logits[self._language_tokens[code]]) for code in self._languages}
        ours = float(np.logaddexp.reduce(list(score.values())))
        ranked = sorted(self._languages, key=lambda code: -score[code])
        least = score[ranked[0]] + math.log(UNLIKELY_LANGUAGE)
        likely = [(code, score[code] - ours) for code in ranked[:4] if score[code] >= least]
        no_speech = float(logits[self._tokenizers[ranked[0]].no_speech]) - spread
        return likely, math.exp(ours - every), math.exp(no_speech)

    def _prompt(self, language: str, score: float) -> Prompt:
        tokens = self._model.get_prompt(self._tokenizers[language], [], without_timestamps=True)[1:]
        return Prompt(tuple(tokens), score, language, self._lexicons.get(language))

    def _transcript(self, found: Sequence[Found], languages: Mapping[str, float], signals: Signals) -> Transcript:
        freest = max((one.score for one in found), default=0.0)
        hypotheses: dict[tuple[str, str], Hypothesis] = {}
        for one, whole in zip(found, self._mender.wholes(found), strict=True):
            text, fit = self._mender.text(one), 1.0 if whole else one.fit
            mean = math.exp((one.score - languages[one.language]) / (len(one.tokens) + 1))
            doubtful = signals.no_speech > MAX_NO_SPEECH and mean < 0.5
            least = MIN_WHOLE if whole is Wholeness.WHOLE else MIN_CONFIDENCE
            if text and mean >= least and not doubtful and freest - one.score <= most_pull(len(one.tokens)):
                confidence = mean * math.exp(languages[one.language]) ** 0.25
                hypothesis = Hypothesis(text, one.language, confidence, one.score, fit, one.given)
                hypotheses.setdefault((text, one.language), hypothesis)
        if not hypotheses:
            return self._nothing("what was heard is too uncertain to be words" if found else "no words were heard")
        best, *others = _foremost(list(hypotheses.values()))
        signals = replace(signals, pull=freest - best.score, certainty=best.confidence)
        return Transcript(
            best.text, best.language, best.confidence, tuple(others), signals, best.score, best.fit, best.repaired
        )


def _calibration(model: Path) -> Calibration | None:
    """What belongs to the model, or None."""
    try:
        return read_calibration((model / "confidence.json").read_text("utf-8"))
    except FileNotFoundError:
        return None


def _foremost(ranked: list[Hypothesis]) -> list[Hypothesis]:
    """The first HYPOTHESES, among them the likeliest: what was truly said must not be crowded out by repairs."""
    likeliest = max(ranked, key=lambda hypothesis: hypothesis.score)
    kept = ranked[:HYPOTHESES]
    return kept if likeliest in kept else [*kept[:-1], likeliest]


def _joined(parts: Sequence[Transcript]) -> Transcript:
    """The texts of windows as one, as sure as the least sure of them."""
    if len(parts) == 1:
        return parts[0]
    worst = min(parts, key=lambda part: part.confidence)
    text, fit = " ".join(part.text for part in parts), min(part.fit for part in parts)
    return Transcript(
        text,
        parts[0].language,
        worst.confidence,
        signals=worst.signals,
        fit=fit,
        repaired=any(part.repaired for part in parts),
    )


def _windows(speech: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Group stretches of speech into windows that Whisper can take, cutting in silence where there is any."""
    limit = int(WINDOW_S * SAMPLE_RATE)
    windows: list[tuple[int, int]] = []
    for start, end in speech:
        if windows and end - windows[-1][0] <= limit:
            windows[-1] = (windows[-1][0], end)
            continue
        windows += [(at, min(at + limit, end)) for at in range(start, end, limit)]
    return windows
