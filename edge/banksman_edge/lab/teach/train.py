"""``banksman teach whisper train``: low-rank factors that make Whisper good at commands with a short context.

Three losses, on every token alike. Commands: cross-entropy on what was said, the language included. Recorded
people: the Kullback-Leibler divergence from what the unchanged model says with 30 s of context, on its own text, so
that the context can be short (the idea is FUTO's, whisper-acft) and general speech is heard as before. Noise: the
no-speech token.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as nnf

from banksman_edge.audio import SAMPLE_RATE, Samples
from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.hearing import FULL, PUBLISHED, Hearing
from banksman_edge.lab.teach.lessons import Batch, Lesson, Lessons, command_lesson, load_samples, own_text
from banksman_edge.lab.teach.manifest import Clip, read_clips
from banksman_edge.lab.teach.model import TaughtWhisper, pad
from banksman_shared.models.adapter import Adapter, Factors, read_adapter, write_adapter
from banksman_shared.models.ctranslate2_file import read_weights

CHECKPOINT = 50
"""Steps after which the adapter is written, lest an interruption cost all."""
RESTART_RATE = 0.4
"""The share of the learning rate with which training goes on from an adapter."""
PROMPT = 4
"""Tokens before the text; the two after the language are always the same and teach nothing."""
FACTOR_LIMITS = {"up": 2.0, "down": 0.5}
"""Bounds of the factors' entries, so that merging is exact; see :mod:`banksman_shared.models.adapter`."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """``rank`` 0 leaves a part as it is. ``rate`` is the highest learning rate, after ``warm_up`` steps.

    ``kept_share`` of the clips are there for what must not change. Of the change that was learnt, ``strength`` goes
    into the adapter: going back some of the way keeps more of what the model knew, and here it even hears commands
    of other sites better (Wortsman et al., arXiv 2109.01903).
    """

    steps: int = 600
    size: int = 16
    rate: float = 1e-3
    warm_up: int = 40
    decoder_rank: int = 48
    encoder_rank: int = 48
    kept_share: float = 0.35
    strength: float = 0.6
    seed: int = 0


Report = Callable[[int, float], None]
"""Called with the step and the loss, averaged over the last ones."""


def train(data: Path, base: Path, out: Path, schedule: Schedule, report: Report, *, device: str = "auto") -> None:
    """Train on the prepared folder ``data`` and write the adapter to ``out``.

    ``base`` is the folder of the CTranslate2 model. ``device`` "auto" takes a CUDA GPU where torch has one.

    An adapter that ``out`` holds already is trained further.

    Raises:
        TeachingError: there is nothing to train on, or training diverged.
    """
    torch.manual_seed(schedule.seed)
    chosen = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    ranks = {"decoder": schedule.decoder_rank, "encoder": schedule.encoder_rank}
    model = TaughtWhisper(read_weights(base / "model.bin"), ranks).to(chosen)
    # The factors are still without effect: what the model makes of a sound now is what is to be kept.
    hearing = Hearing(base, threads=torch.get_num_threads())
    lessons, languages = _lessons(data, model, hearing, chosen, schedule.kept_share)
    runs = _continue(model, out)
    rate = schedule.rate * (RESTART_RATE if runs else 1.0)
    optimiser = torch.optim.AdamW(model.parameters(), rate, betas=(0.9, 0.98), weight_decay=0.01)
    smooth = 0.0
    for step, batch in enumerate(lessons.batches(schedule.steps, schedule.size, schedule.seed), 1):
        for group in optimiser.param_groups:
            group["lr"] = rate * _share(step, schedule)
        loss = _loss(model, batch, chosen, trained_encoder=schedule.encoder_rank > 0)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        _bound(model)
        if not math.isfinite(loss.item()):
            raise TeachingError(f"training diverged at step {step}; lower the rate {rate}")
        smooth = loss.item() if step == 1 else 0.95 * smooth + 0.05 * loss.item()
        report(step, smooth)
        if step % CHECKPOINT == 0 or step == schedule.steps:
            write_adapter(
                out, _adapter(model, schedule.strength, languages, [*runs, asdict(schedule) | {"step": step}])
            )


def _continue(model: TaughtWhisper, earlier: Path) -> list[object]:
    """Start from an adapter where there is one; returns the runs that made it."""
    if not earlier.is_file():
        return []
    adapter = read_adapter(earlier)
    model.start_from(adapter)
    return list(json.loads(adapter.about.get("runs", "[]")))


def _share(step: int, schedule: Schedule) -> float:
    if step < schedule.warm_up:
        return step / schedule.warm_up
    done = (step - schedule.warm_up) / max(1, schedule.steps - schedule.warm_up)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))


def _precision(device: torch.device) -> AbstractContextManager[object]:
    """bfloat16 where the processor multiplies it, which halves the time."""
    supported = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16) if supported else nullcontext()


def _loss(model: TaughtWhisper, batch: Batch, device: torch.device, *, trained_encoder: bool) -> Tensor:
    tokens = [torch.tensor(lesson.tokens) for lesson in batch.lessons]
    given = pad([row[:-1] for row in tokens]).to(device)
    with _precision(device):
        with torch.set_grad_enabled(trained_encoder):
            encoded = model.encode(torch.from_numpy(batch.features).to(device))
        hidden = model.decode(given, encoded)
        rows = [_counted(lesson) for lesson in batch.lessons]
        picked = torch.cat([hidden[i, row] for i, row in enumerate(rows)])
        logits = model.logits(picked).float()
        learnt = list(zip(batch.lessons, rows, strict=True))
        kept = torch.tensor([lesson.taught is not None for lesson in batch.lessons], device=device)
        kept = kept.repeat_interleave(torch.tensor([len(row) for row in rows], device=device))
        wanted = torch.cat([row_tokens[1:][row] for row_tokens, row in zip(tokens, rows, strict=True)]).to(device)
        losses = nnf.cross_entropy(logits[~kept], wanted[~kept], reduction="sum")
        if bool(kept.any()):
            states = [torch.from_numpy(lesson.taught)[row] for lesson, row in learnt if lesson.taught is not None]
            taught = model.logits(torch.cat(states).to(device)).float()
            losses = losses + nnf.kl_div(
                nnf.log_softmax(logits[kept], -1), nnf.log_softmax(taught, -1), reduction="sum", log_target=True
            )
    return losses / len(wanted)


def _counted(lesson: Lesson) -> Tensor:
    """The positions whose next token is learnt: the language, and from the last of the prompt on."""
    return torch.tensor([0, *range(PROMPT - 1, len(lesson.tokens) - 1)])


def _lessons(
    data: Path, model: TaughtWhisper, hearing: Hearing, device: torch.device, kept_share: float
) -> tuple[Lessons, list[str]]:
    clips = [clip for clip in read_clips(data) if not clip.test and (data / clip.audio).is_file()]
    spoken = [clip for clip in clips if clip.text]
    recorded = [clip for clip in clips if not clip.text and clip.kind != "noise"]
    if not spoken and not recorded:
        raise TeachingError(f"{data} has no clips to train on; prepare more")
    noises = load_samples([clip for clip in clips if clip.kind == "noise"], data)
    commands = [command_lesson(c, s, hearing) for c, s in zip(spoken, load_samples(spoken, data), strict=True)]
    languages = sorted({clip.language for clip in spoken})
    kept = _kept(_wanted(recorded, spoken, data, hearing), data, model, hearing, device)
    return Lessons(commands, kept, noises, hearing, kept_share), languages


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A sound whose hearing is to stay as it is, in its own language or in ``other``, which is not spoken in it."""

    clip: Clip
    samples: Samples
    other: str = ""

    @property
    def key(self) -> str:
        return f"{self.clip.audio}/{self.other}"


def _wanted(recorded: Sequence[Clip], spoken: Sequence[Clip], data: Path, hearing: Hearing) -> list[_Wanted]:
    """All recordings in their own language; they and as many commands in some other one.

    What is not spoken still says what the model makes of a sound in a language of which there are no recordings, so
    that such languages are not forgotten.
    """
    own = [_Wanted(clip, samples) for clip, samples in zip(recorded, load_samples(recorded, data), strict=True)]
    some = spoken[: len(recorded)]
    more = [_Wanted(clip, samples) for clip, samples in zip(some, load_samples(some, data), strict=True)]
    others = [code for code in hearing.languages if code not in {clip.language for clip in spoken}]
    # The same sound always gets the same language, whatever else there is.
    return own + [replace(one, other=others[zlib.crc32(one.clip.audio.encode()) % len(others)]) for one in own + more]


def _kept(
    wanted: Sequence[_Wanted], data: Path, model: TaughtWhisper, hearing: Hearing, device: torch.device
) -> list[Lesson]:
    """What the unchanged model hears in them; kept beside the sounds, since it takes half a second each."""
    store = data / "targets.npz"
    states: Mapping[str, np.ndarray] = dict(np.load(store)) if store.is_file() else {}
    lessons, made = [], dict(states)
    for one in wanted:
        if f"{one.key}/tokens" not in made:
            context = PUBLISHED if one.other else FULL
            heard = hearing.encode(context.pad(one.samples)[: 30 * SAMPLE_RATE])
            tokens = own_text(one.other or one.clip.language, one.samples, heard, hearing)
            encoded = torch.from_numpy(np.array(heard)).to(device)
            with torch.no_grad(), _precision(device):
                hidden = model.decode(torch.tensor([tokens[:-1]], device=device), encoded)
            made[f"{one.key}/tokens"] = np.array(tokens)
            made[f"{one.key}/states"] = hidden[0].float().cpu().numpy().astype(np.float16)
        tokens = tuple(int(token) for token in made[f"{one.key}/tokens"])
        lessons.append(Lesson(one.samples, tokens, made[f"{one.key}/states"].astype(np.float32)))
    if len(made) > len(states):
        np.savez(store, **made)  # type: ignore[arg-type]  # numpy's stub takes the names for flags
    return lessons


def _bound(model: TaughtWhisper) -> None:
    with torch.no_grad():
        for name, factor in model.factors.items():
            limit = FACTOR_LIMITS[name.rpartition("/")[2]]
            factor.clamp_(-limit, limit)


def _adapter(model: TaughtWhisper, strength: float, languages: Sequence[str], runs: Sequence[object]) -> Adapter:
    learnt = {name: factor.detach().cpu().numpy() for name, factor in model.factors.items()}
    names = [name.removesuffix("/up") for name in learnt if name.endswith("/up")]
    return Adapter(
        {name: Factors(learnt[f"{name}/up"] * np.float32(strength), learnt[f"{name}/down"]) for name in names},
        {"languages": json.dumps(languages), "strength": json.dumps(strength), "runs": json.dumps(runs)},
    )
