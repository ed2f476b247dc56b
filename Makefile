# Two commands on a machine with Python 3.11+ and make:  make demo   and   make test
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check bench constraints clean
.DELETE_ON_ERROR:

# Models that cannot be fetched are told of and left out; the tests that need one say so, and fail in CI.
demo: $(VENV)/.app
	-$(BIN)/pullquote models pull
	$(BIN)/pullquote demo

test: $(VENV)/.dev check
	-$(BIN)/pullquote models pull
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python tests/bench/ingest.py $(DATA)
	$(BIN)/python tests/bench/ask.py $(DATA)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Pullquote needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The pinned dependencies, each checked by its hash; then the project itself, which needs nothing more.
$(VENV)/.app: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes --requirement constraints.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints-dev.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes --requirement constraints-dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.app

# Newest versions within the ranges of pyproject.toml, for every platform, with hashes and no hosts.
COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --upgrade --no-config --quiet \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml --extra build
constraints: $(VENV)/bin/python
	$(PIP) install uv
	$(COMPILE) --output-file constraints.txt
	$(COMPILE) --constraint constraints.txt --extra dev --output-file constraints-dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
