# `make run` does the main job on the built-in sample, `make loop` plays three months of lists, `make test` passes the tests.
# Everything is installed into .venv, with the versions of constraints.txt.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# what is imported is compiled then, whatever the environment says; all of it, now, would take longer than the rest of
# the install, and what is not kept compiled is compiled again by every command that imports it
unexport PYTHONDONTWRITEBYTECODE
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
SITE   := $(BIN)/python -m sphinx --fail-on-warning --keep-going -q -n -j auto -c docs -d docs/_build/doctrees . docs/_build/html
QUICK  := $(addprefix tests/unit/,test_errors.py test_files.py test_hold.py test_csv_bytes.py test_groups.py test_wording.py \
  test_statistics.py config/test_config_errors.py reasons/test_reasons_sentences.py messages \
  $(addprefix delivery/test_delivery_,cells.py keys.py targets.py))
FILES  := pyproject.toml constraints.txt

.PHONY: run loop check coverage install-check test lint style types site format docs services ready clean

run: $(VENV)/.run-ready
	$(BIN)/python -m icp.train output=out/train
	$(BIN)/python -m icp.score output=out/score delivery=generic
	@echo "list:    out/score/scores.csv   (for the CRM: out/score/generic)"
	@echo "report:  out/train/report.html  (open it in a browser)"

loop: $(VENV)/.run-ready
	$(BIN)/python notebooks/03_closing_the_loop.py
	@$(BIN)/python -m webbrowser -t "file://$(CURDIR)/out/loop/meeting_3/meeting.html" >/dev/null 2>&1 || true
	@echo "page:    out/loop/meeting_3/meeting.html  (three months of lists; open it in a browser)"

test: $(VENV)/.test-ready services
	$(BIN)/python -m pytest -n 2 --dist worksteal

# what breaks first, in a minute: no model is trained; no browser, server or site
check: $(VENV)/.lint-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 -q --no-header $(QUICK)

# which branches of src no test takes; twice as long as the tests
coverage: export COVERAGE_PROCESS_START = $(CURDIR)/pyproject.toml
coverage: export COVERAGE_FILE = $(CURDIR)/.coverage
coverage: $(VENV)/.test-ready
	$(BIN)/python -m coverage erase
	bash tests/services.sh
	$(BIN)/python -m pytest -n 2 --dist worksteal
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

install-check: $(VENV)/.lint-ready
	bash tests/install/anew.sh $(PYTHON)

lint: style types site

style: $(VENV)/.lint-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(VENV)/.lint-ready
	$(BIN)/mypy

format: $(VENV)/.lint-ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

site: $(VENV)/.lint-ready
	$(SITE)
	@echo "site:    docs/_build/html/index.html  (notebooks with what they put out, once make test has run them)"

docs: $(VENV)/.test-ready
	$(BIN)/python docs/generate.py

# all that lint and tests need; with make -j2 services come while Python's packages do
ready: services $(VENV)/.lint-ready

services: $(VENV)/bin/python
	bash tests/services.sh

clean:
	rm -rf $(VENV) out docs/_build mlruns/mlflow.db mlruns/artifacts

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "icp needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.run-ready: $(VENV)/bin/python $(FILES)
	@echo "installing icp and what it needs into $(VENV): two minutes, once"
	$(PIP) -e .
	@touch $@

# one install each, not one on top of the other: pip looks through everything each time
$(VENV)/.test-ready: $(VENV)/bin/python $(FILES)
	$(PIP) -e '.[test]'
	@touch $(VENV)/.run-ready $@

$(VENV)/.lint-ready: $(VENV)/bin/python $(FILES)
	$(PIP) -e '.[dev]'
	@touch $(VENV)/.run-ready $(VENV)/.test-ready $@
