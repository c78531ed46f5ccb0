.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast check docs bench soak audit clean lock

VENV := .venv
BIN := $(VENV)/bin
# A line about another generator, which is of no use to whoever builds the documents.
export NO_MKDOCS_2_WARNING := 1
STAMP := $(VENV)/installed
REPORTS := build/reports
# How many tests run at once: "auto" for one on each core, at most MOST_WORKERS, since each may load the models.
WORKERS := auto
MOST_WORKERS := 4

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s  %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP)  ## Make .venv with all that is locked (PYTHON=... names the Python)

$(STAMP): requirements.lock pyproject.toml scripts/setup.sh scripts/setup.py
	@sh scripts/setup.sh

demo: setup  ## The whole system on this machine, with recorded speech
	@$(BIN)/banksman demo

# Hundreds of tests start processes; where an environment forbids to keep bytecode, each would compile all it imports.
test: export PYTHONDONTWRITEBYTECODE =
test: setup  ## All tests but the long ones
	$(BIN)/pytest -m "not soak" -n $(WORKERS) --maxprocesses $(MOST_WORKERS) --dist worksteal

test-fast: export PYTHONDONTWRITEBYTECODE =
test-fast: setup  ## The tests that load no model and start no long run
	$(BIN)/pytest -m "not soak and not models" -n $(WORKERS) --maxprocesses $(MOST_WORKERS) --dist worksteal

check: setup  ## Style, types, which package may import which, and whether the lock is current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python scripts/lock.py --check
	$(BIN)/python scripts/build_console.py --check
	$(BIN)/mkdocs build --strict --quiet

docs: setup  ## The documents as a site, in build/docs
	$(BIN)/mkdocs build --strict

bench: setup  ## Speeds, and accuracy on the sentences and recordings of the tests
	@mkdir -p $(REPORTS)
	@for bench in tests/bench/bench_*.py; do echo "== $$bench"; $(BIN)/python "$$bench" || exit 1; done
	$(BIN)/banksman planner bench tests/data/requests --provider scripted --json $(REPORTS)/requests.json
	$(BIN)/banksman planner bench tests/data/requests --provider local --limit 12 --json $(REPORTS)/requests-local.json
	$(BIN)/banksman eval tests/data/sentences.jsonl --site tests/data/harbour --json $(REPORTS)/sentences.json
	$(BIN)/banksman bench sentences tests/data/eval --json $(REPORTS)/eval.json
	$(BIN)/banksman bench sentences tests/data/others --json $(REPORTS)/others.json
	$(BIN)/banksman bench restraint tests/data/danger/*.jsonl --plain-only --json $(REPORTS)/restraint.json
	$(BIN)/banksman eval tests/data/speech/manifest.jsonl --json $(REPORTS)/speech.json
	@for site in hospital cargo tileworks; do data=tests/data/commands/$$site; \
	    $(BIN)/banksman bench speech $$data/manifest.jsonl --site $$data --limit 80 && \
	    $(BIN)/banksman bench commands $$data/manifest.jsonl --site $$data --json $(REPORTS)/$$site.json || exit 1; done

soak: setup  ## The tests that run long (pytest's exit status 5 says that there are none)
	@$(BIN)/pytest -m soak --timeout 0 || test $$? -eq 5

audit: setup  ## Known vulnerabilities in what is locked (asks PyPI for them)
	$(BIN)/uv tool run pip-audit --strict --disable-pip --require-hashes -r requirements.lock

lock: setup  ## Pin what pyproject.toml asks for and the lock lacks
	$(BIN)/python scripts/lock.py

clean:  ## Remove .venv and all that the tools left
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
