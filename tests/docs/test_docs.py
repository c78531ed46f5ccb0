"""The documentation says what is there."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from banksman_edge.fleet import Code
from banksman_edge.understanding.templates.phrases import phrases_of
from banksman_edge.understanding.text.language import language_of, languages_with_data
from banksman_shared.actions import Action
from banksman_shared.commands import parse_commands
from banksman_shared.models import CATALOGUE
from banksman_shared.numerals import number_words

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
sys.path.insert(0, str(ROOT / "scripts"))

import write_cli_docs  # noqa: E402  it is a script, found by the path above

EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
PACKAGES = ("banksman_edge", "banksman_cloud", "banksman_firmware_sim", "banksman_shared")

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?<![\w/.'-])banksman((?: [a-z]+)+)")
_SOURCE = re.compile(r"`([\w/.-]+(?:\.py|\.toml|\.jsonl|/))`")


def anchors(page: Path) -> set[str]:
    """The ids of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _without_code(page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def _code(text: str) -> Iterator[str]:
    yield from re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", _without_code(text))


def test_the_command_line_page_is_what_the_commands_print() -> None:
    # In a process of its own: click remembers options in its commands, and other tests call them without their group.
    program = "import sys, write_cli_docs; sys.stdout.buffer.write(write_cli_docs.page().encode())"
    printed = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "scripts", check=True, capture_output=True
    ).stdout
    assert (DOCS / "cli.md").read_text("utf-8") == printed.decode(), "run: python scripts/write_cli_docs.py"


@EVERY_PAGE
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in _LINK.findall(page.read_text("utf-8")):
        if target.startswith(("https://", "http://")):
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


@EVERY_PAGE
def test_commands_exist(page: Path) -> None:
    known = set(write_cli_docs.command_paths())
    groups = {path[:-1] for path in known if path}
    unknown = set()
    for code in _code(page.read_text("utf-8")):
        for words in _COMMAND.findall(code):
            path: tuple[str, ...] = ()
            for word in words.split():
                if path not in groups:
                    break  # what follows is an argument
                path = (*path, word)
            if path not in known:
                unknown.add(" ".join(path))
    assert unknown == set()


@EVERY_PAGE
def test_options_exist(page: Path) -> None:
    offered = set(re.findall(r"--[a-z][a-z-]+", write_cli_docs.page()))
    unknown = set()
    for code in _code(page.read_text("utf-8")):
        for line in code.replace("\\\n", " ").splitlines():
            ours = re.search(r"\bbanksman [a-z]+ .*", line)
            unknown |= set(re.findall(r"(?<!\S)--[a-z][a-z-]+", ours.group() if ours else "")) - offered
    assert unknown == set()


@EVERY_PAGE
def test_named_files_exist(page: Path) -> None:
    roots = [ROOT, ROOT / "edge" / "banksman_edge", *(ROOT / folder for folder in ("cloud", "firmware_sim", "shared"))]
    text = _without_code(page.read_text("utf-8"))
    named = {name for name in _SOURCE.findall(text) if "/" in name and not name.startswith(("/", "banksman/"))}
    missing = {name for name in named if "xx" not in name and not any((root / name).exists() for root in roots)}
    assert missing == set()


@EVERY_PAGE
def test_named_classes_exist(page: Path) -> None:
    """A word in capitals and small letters is a class, or at least stands in the source."""
    named = set(re.findall(r"`([A-Z][a-z]+[A-Z]?\w*)`", page.read_text("utf-8")))
    sources = (path for package in PACKAGES for path in ROOT.glob(f"*/{package}/**/*.py"))
    for source in sources:
        named -= set(re.findall(r"\w+", source.read_text("utf-8")))
    assert named == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_python_page_lists_exactly_what_is_public(package: str) -> None:
    sections = dict(
        re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", (DOCS / "api.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    )
    listed = re.findall(r"^\| `(\w+)` \|", sections[package], re.MULTILINE)
    assert listed == sorted(importlib.import_module(package).__all__)


def test_every_action_is_explained() -> None:
    text = (DOCS / "commands.md").read_text("utf-8")
    assert [action for action in Action if f"| `{action}` |" not in text] == []


def test_command_documents_in_the_docs_are_commands() -> None:
    found = 0
    for page in PAGES:
        for document in re.findall(r"^\s*(\[?\{\"action\".*\}\]?)$", page.read_text("utf-8"), re.MULTILINE):
            assert parse_commands(msgspec.json.decode(document))
            found += 1
    assert found >= 2


def test_json_examples_are_json() -> None:
    found = [re.findall(r"^```json\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL) for page in PAGES]
    lines = [line for blocks in found for block in blocks for line in block.splitlines()]
    assert lines
    assert [msgspec.json.decode(line) for line in lines]


def test_every_code_of_the_fleet_is_listed() -> None:
    text = (DOCS / "fleet.md").read_text("utf-8")
    assert [code for code in Code if f"`{code}`" not in text] == []


def test_every_model_is_listed_with_size_and_licence() -> None:
    text = (DOCS / "models.md").read_text("utf-8")
    for model in CATALOGUE.values():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{model.name}` |"))
        assert f"{model.size / 1e6:,.0f} MB" in row
        assert model.licence in row


def test_the_table_of_languages_is_what_their_data_says() -> None:
    stands = dict[str, list[str]]()
    for line in (DOCS / "languages.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and re.fullmatch("[a-z]{2}", cells[0]):
            stands[cells[0]] = cells[2:]
    assert stands == {code: _covered(code) for code in languages_with_data()}


def _covered(code: str) -> list[str]:
    inflection = language_of(code).inflection
    marks = [inflection.nouns, inflection.prefixes, all(number_words(code, n) for n in range(121))]
    return ["after" if phrases_of(code).postfix else "before", *("yes" if mark else "" for mark in marks)]


def test_every_language_with_data_is_named_and_short_enough_to_be_read() -> None:
    codes = languages_with_data()
    assert codes
    for page in ("understanding.md", "limits.md"):
        text = re.sub(r"[^\w ]", " ", (DOCS / page).read_text("utf-8"))
        assert {code for code in codes if f" {code} " not in text} == set(), page
    folder = ROOT / "edge/banksman_edge/understanding/languages"
    assert {file.name for file in folder.glob("*.toml") if len(file.read_text("utf-8").splitlines()) > 300} == set()


def test_the_site_page_names_every_key() -> None:
    text = (DOCS / "site.md").read_text("utf-8")
    bundled = tomllib.loads((ROOT / "shared/banksman_shared/data/warehouse/site.toml").read_text("utf-8"))
    keys = set(bundled["site"]) | {
        key for table in ("vehicles", "places", "groups") for row in bundled[table] for key in row
    }
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_no_page_names_this_machine() -> None:
    for page in [*PAGES, *DOCS.glob("*.svg")]:
        assert re.findall(r"/wor[k]/|/tm[p]/|/roo[t]/|/hom[e]/", page.read_text("utf-8")) == [], page.name
