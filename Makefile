# A fresh machine with Python 3.11 and make needs nothing else.
.DEFAULT_GOAL := help
PYTHON ?= $(or $(shell command -v python3.11),python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PORT ?= 3000

.PHONY: help setup refresh test bench crash dev lint format constraints clean

help: ## What there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## Make the environment of this project in .venv

$(READY): constraints.txt pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info[:2] != (3, 11))" || { echo "Python 3.11 is needed (tried $(PYTHON); set PYTHON=...)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

refresh: $(READY) ## Sample extracts where no drops are, then the nightly refresh and its summary
	@$(BIN)/thoatngheo sample --if-empty
	@$(BIN)/thoatngheo refresh

test: $(READY) ## All tests
	$(BIN)/python -m pytest tests/unit -n 2
	$(BIN)/python -m pytest tests/integration tests/acceptance -n 2 --dist loadgroup --no-loadscope-reorder

bench: $(READY) ## What the line costs beside a plain script (BENCH="--scale 0.2 --write-docs", --help)
	$(BIN)/python -m tests.benchmarks $(BENCH)

crash: $(READY) ## A hundred kills, half of refreshes and half of publications (half an hour)
	THOATNGHEO_CRASH_KILLS=100 THOATNGHEO_CRASH_REFRESHES=50 $(BIN)/python -m pytest tests/acceptance/test_crash.py -s

dev: $(READY) ## Dagster's UI and daemon on port $(PORT), over the home's runs
	DAGSTER_HOME="$$($(BIN)/thoatngheo dagster-home)" $(BIN)/dagster dev -w workspace.yaml -p $(PORT)

lint: $(READY) ## Style, types and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint dbt_project/models --config dbt_project/.sqlfluff

format: $(READY) ## Put style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

constraints: ## Pin anew (needs uv): the newest versions that work together, with hashes
	uv pip compile --python 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-strip-extras --no-annotate --no-header --extra dev -o constraints.txt pyproject.toml

clean: ## Remove what was built, never the home
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
