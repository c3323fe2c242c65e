# Every target makes .venv and installs what it needs. PYTHON chooses the interpreter: make test PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help demo test test-slow coverage lint format bench results clean

help: ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

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

test-slow: .venv/tested ## the tests that train for minutes
	$(BIN)/python -m pytest -m slow

coverage: .venv/tested ## the test suite, with the lines that it does not reach
	$(BIN)/python -m pytest --cov --cov-report=term-missing

lint: .venv/tested ## ruff and its formatter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: .venv/tested ## let ruff format and fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/tested ## speed: ratios against Keras and PyTorch, padding, latency, formats, searches; half an hour
	$(BIN)/python scripts/benchmark.py
	$(BIN)/python scripts/benchmark_formats.py
	$(BIN)/python scripts/benchmark_serving.py
	$(BIN)/python scripts/benchmark_forecasting.py
	$(BIN)/python scripts/benchmark_translation.py
	$(BIN)/python scripts/benchmark_speech.py
	$(BIN)/python scripts/benchmark_text_generation.py
	$(BIN)/python scripts/benchmark_search.py

results: .venv/installed ## write the tables of README.md from weights.json and docs/
	$(BIN)/python scripts/results.py

clean: ## remove what the targets made
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache saved_model
