# Every target makes .venv and installs what it needs. PYTHON chooses the interpreter: make test PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help demo test test-slow coverage lint format bench results docs wheels release-check clean

help: ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 15

# Installed again whenever setup.cfg changes.
.venv/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/tested: .venv/installed
	$(BIN)/pip install --quiet --editable '.[test]'
	@touch $@

demo: .venv/installed ## label two reviews, export the pipeline, ask the SavedModel the same
	$(BIN)/python scripts/demo.py

test: .venv/tested ## the test suite, offline
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

test-slow: .venv/tested ## the tests that train for minutes, and release-check
	$(BIN)/python -m pytest -m slow
	$(BIN)/python -m scripts.release_check

coverage: .venv/tested ## the test suite, with the lines that it does not reach
	$(BIN)/python -m pytest --cov --cov-report=term-missing

lint: .venv/tested ## ruff and its formatter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: .venv/tested ## let ruff format and fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/tested ## speed, of every subject of benchmarks/; an hour
	for subject in layers epochs latency formats tables serving forecasting translation speech text_generation search; do \
		$(BIN)/python -m benchmarks.$$subject || exit 1; done

results: .venv/installed ## write the pages of weights and of results, and the table of README.md
	$(BIN)/python -m scripts.results

docs: .venv/tested ## the site in build/site; a broken link or an undocumented public name fails
	$(BIN)/zensical build --clean --strict
	$(BIN)/python -m pytest --quiet tests/docs/test_pages.py tests/docs/test_reference.py

wheels: .venv/tested ## dist/: the wheel of lstm_zoo, and one with the published files of each task
	$(BIN)/python -m scripts.wheels

release-check: .venv/tested ## the wheels in an environment of their own, through all that README promises
	$(BIN)/python -m scripts.release_check

clean: ## remove what the targets made
	rm -rf .venv .cache build dist *.egg-info .pytest_cache .ruff_cache saved_model
