# Everything the project can do, by name. A plain `make` shows this list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The system's Python was renewed under it, or its making was broken off: it is made anew.
_ := $(shell [ ! -d $(VENV) ] || $(BIN)/python -c 'import pip' 2>/dev/null || rm -rf $(VENV))

.PHONY: help run install install-dev check test bench soak pins clean
help:
	@echo "make run    install what is needed and start vidmsg"
	@echo "make test   checks and all tests"
	@echo "make bench  measures speed and memory, prints a table"
	@echo "make soak   ten thousand texts, five hundred killed processes, none lost or doubled"
	@echo "make check  style, types, import directions"
	@echo "make pins   renew the pinned requirements from requirements*.in"

run: install
	@$(BIN)/python -m vidmsg serve

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "vidmsg needs Python 3.11 or newer; this is %d.%d. Try: make run PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what vidmsg needs, once. This takes about a minute."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/python tests/browser.py
	$(BIN)/python -m pytest -n 2 --dist loadgroup --durations=30 -q

bench: install-dev
	$(BIN)/python -m tests.bench

soak: install-dev
	$(BIN)/python -m tests.faults.soak

pins: install-dev
	$(BIN)/python -m tests.house.pins

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
