"""What a reader of the source may rely on: nothing of anybody's machine."""

from __future__ import annotations

import re
import subprocess

import pytest
from checkout import ROOT, files

# The classes keep this line from matching itself.
OF_A_MACHINE = re.compile(
    r"/wor[k]/|/far[m]/|/roo[t]/|/tm[p]/[a-z]|pyp[i]\.org|pythonhost[e]d|npmj[s]\.|deb\.debia[n]"
    r"|huggingface\.co/.*resolv[e]"
)


def addresses(text: str) -> list[str]:
    """Lines that name a path of a machine or a registry's address."""
    return [line.strip()[:120] for line in text.splitlines() if OF_A_MACHINE.search(line)]


def test_no_file_names_a_path_of_a_machine_or_a_registry() -> None:
    found = {}
    for file in files():
        try:
            lines = addresses(file.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
        if lines:
            found[str(file.relative_to(ROOT))] = lines
    assert found == {}


@pytest.mark.parametrize("parts", [("/wor", "k/main"), ("see /tm", "p/x"), ("https://pyp", "i.org/simple")])
def test_such_a_path_or_address_is_found(parts: tuple[str, str]) -> None:
    line = "".join(parts)
    assert addresses(f"first\n{line}\n") == [line]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only a git checkout tracks files")
def test_git_tracks_nothing_that_is_to_be_ignored() -> None:
    listing = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    tracked = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert tracked[:10] == []
