"""``banksman teach whisper prepare``: sentences, voices and sounds. What is there already is kept, so it resumes."""

from __future__ import annotations

import hashlib
import itertools
import multiprocessing
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np
import soundfile

from banksman_edge.audio import SAMPLE_RATE, Samples, load_sound
from banksman_edge.errors import TeachingError
from banksman_edge.lab.evaluation import read_manifest
from banksman_edge.lab.teach.manifest import Clip, write_clips
from banksman_edge.lab.teach.phrased import phrased
from banksman_edge.lab.teach.sentences import LANGUAGES, SentenceMaker, SiteWords, named_words, noun_of, with_number
from banksman_edge.lab.teach.voices import cast, pace
from banksman_edge.tts import Synthesiser, voices_file
from banksman_shared.models import ModelStore
from banksman_shared.site import Kind, Place, Site, Vehicle, load_site

SPEECH_MODEL = "kokoro-82m"
WEIGHTS: Mapping[str, float] = {"hi": 4.0, "ja": 3.25, "zh": 3.25, "de": 0.3}
"""Whisper base writes Hindi, Japanese and Chinese worst; German has no voice of its own. All others count 1."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Sentences: for a language of weight 1 to train on, for each to test with. ``phrases``: the share of them that is
    made of Llama's phrases, where the names of a site are invented."""

    training: int = 180
    test: int = 20
    phrases: float = 0.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be prepared.

    ``languages`` empty: those of the site, or all. ``recordings`` and ``test_recordings`` are manifests as
    ``banksman eval`` reads them; a line without text is to be heard as the unchanged model hears it. ``noises``
    are sound files.
    """

    amount: Amount = Amount()
    languages: tuple[str, ...] = ()
    site: Path | None = None
    recordings: tuple[Path, ...] = ()
    test_recordings: tuple[Path, ...] = ()
    noises: tuple[Path, ...] = ()
    seed: int = 0


def prepare_folder(folder: Path, wishes: Wishes, *, processes: int, progress: Callable[[int, int, str], None]) -> int:
    """Fill ``folder`` with sounds and their manifest, and go on where it was interrupted; returns how many.

    Raises:
        BanksmanError: synthesis is not installed, or a site, manifest or sound cannot be read.
    """
    site = load_site(wishes.site) if wishes.site else None
    languages = wishes.languages or tuple(code for code in (site.languages if site else LANGUAGES) if code in LANGUAGES)
    sites = {code: site_words(site, code) for code in languages} if site else {}
    (folder / "clips").mkdir(parents=True, exist_ok=True)
    planned = plan_clips(languages, wishes.amount, sites, wishes.seed)
    recorded = [
        *chain.from_iterable(_recorded(path, folder, test=False) for path in wishes.recordings),
        *chain.from_iterable(_recorded(path, folder, test=True) for path in wishes.test_recordings),
        *(_noise(path, folder, test=number % 3 == 0) for number, path in enumerate(wishes.noises)),
    ]
    write_clips(folder, [*planned, *recorded])
    total, done = len(planned), itertools.count(1)
    synthesise(planned, folder, processes=processes, done=lambda: progress(next(done), total, ""))
    return len(planned) + len(recorded)


def site_words(site: Site, language: str) -> SiteWords:
    """What a site's vehicles, places and groups are called in a language, with the article that nouns have there."""
    nouns = {noun_of(word, language): word for word in named_words(language)}

    def called(things: Iterable[Vehicle | Place], kinds: Mapping[str, Kind]) -> tuple[str, ...]:
        names: list[str] = []
        for thing in things:
            names += [nouns.get(name, name) for name in thing.names.get(language, ())]
            if thing.kind and thing.number is not None:
                stems = kinds[thing.kind].names.get(language, ())
                names += [with_number(nouns.get(stem, stem), thing.number, language) for stem in stems]
        return tuple(names)

    return SiteWords(
        called(site.vehicles.values(), site.vehicle_kinds),
        called(site.places.values(), site.place_kinds),
        tuple(name for group in site.groups.values() for name in group.names.get(language, ())),
    )


def _recorded(manifest: Path, folder: Path, *, test: bool) -> Iterator[Clip]:
    for case in read_manifest(manifest):
        if case.audio is None:
            raise TeachingError(f"{manifest}: '{case.id}' has no audio; only recordings teach")
        audio = _copied(Path(case.audio), folder)
        name = f"{'test' if test else 'train'}-{manifest.stem}-{case.id}"
        yield Clip(name, audio, case.language or "", case.text or "", "recorded", test)


def _noise(path: Path, folder: Path, *, test: bool) -> Clip:
    return Clip(f"noise-{path.stem}", _copied(path, folder), "", "", "noise", test)


def _copied(source: Path, folder: Path) -> str:
    """The sound's copy in the folder, mono at 16 kHz."""
    samples = load_sound(source).samples
    audio = f"clips/recorded-{hashlib.sha256(samples.tobytes()).hexdigest()[:16]}.flac"
    if not (folder / audio).is_file():
        write_sound(folder / audio, samples)
    return audio


def plan_clips(languages: Sequence[str], amount: Amount, sites: Mapping[str, SiteWords], seed: int = 0) -> list[Clip]:
    """What is to be synthesised, languages taking turns, tests first; the same arguments make the same plan.

    ``sites`` has the words of a real site by language, or is empty for invented ones.

    Raises:
        TeachingError: a language that no sentences are written for.
    """
    if unknown := [code for code in languages if code not in LANGUAGES]:
        raise TeachingError(f"no sentences are written for '{unknown[0]}'; there are {', '.join(LANGUAGES)}")
    planned: list[Clip] = []
    for test in (True, False):
        turns = [_of_language(code, amount, sites.get(code), seed, test=test) for code in languages]
        planned += [clip for clip in chain.from_iterable(zip_longest(*turns)) if clip]
    return planned


def _of_language(code: str, amount: Amount, site: SiteWords | None, seed: int, *, test: bool) -> Iterator[Clip]:
    # A string seeds the same everywhere, whatever the hashes of this run are.
    rng = random.Random(f"{seed}/{code}/{test}")  # noqa: S311  not for secrets
    count = amount.test if test else round(amount.training * WEIGHTS.get(code, 1))
    of_phrases = 0 if site else round(count * amount.phrases)
    maker = SentenceMaker(code, rng, test, site or SiteWords())
    sentences = chain(maker.make(count - of_phrases), itertools.islice(phrased(code, rng, test=test), of_phrases))
    for number, sentence in enumerate(sentences):
        name = f"{code}-{'test' if test else 'train'}-{number:04}"
        voice, speed = cast(code, rng, test=test), pace(rng)
        told = hashlib.sha256(f"{sentence.text}|{voice}|{speed}".encode()).hexdigest()[:8]
        yield Clip(name, f"clips/{name}-{told}.flac", code, sentence.text, sentence.kind, test, voice, speed)


def synthesise(clips: Sequence[Clip], folder: Path, *, processes: int, done: Callable[[], None]) -> None:
    """Make the sounds that are not there yet, each process with one thread; ``done`` is called for every clip.

    Raises:
        SynthesisError: synthesis is not installed, or failed.
    """
    missing = [clip for clip in clips if not (folder / clip.audio).is_file()]
    for _ in range(len(clips) - len(missing)):
        done()
    if not missing:
        return
    model, voices = ModelStore().path(SPEECH_MODEL), voices_file()
    if processes == 1:
        _start(model, voices)
        for clip in missing:
            _make(clip, folder)
            done()
        return
    # A forked ONNX runtime deadlocks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _start, (model, voices)) as pool:
        try:
            for made in as_completed([pool.submit(_make, clip, folder) for clip in missing]):
                made.result()
                done()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


_synthesiser: Synthesiser


def _start(model: Path, voices: Path) -> None:
    global _synthesiser  # noqa: PLW0603  one a process, as its initialiser leaves it
    _synthesiser = Synthesiser(model, voices, threads=1)


def _make(clip: Clip, folder: Path) -> None:
    write_sound(folder / clip.audio, _synthesiser.speak(clip.text, clip.language, clip.voice, clip.speed))


def write_sound(path: Path, samples: Samples) -> None:
    """A 16 kHz FLAC file, which appears only when it is whole."""
    unfinished = path.with_name(path.name + ".part")
    soundfile.write(unfinished, np.clip(samples, -1, 1), SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    unfinished.replace(path)
