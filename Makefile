# What people type. Each target sets up all that it needs; only Python 3.11+ and make are required.
SHELL := /bin/bash
PYTHON ?= python3
REALM ?= homecoming
SOURCE ?= data/sample
PORT ?= 3000
SECONDS ?= 180
SEED ?= 1
export DAGSTER_HOME ?= $(CURDIR)/dagster_home
BIN := .venv/bin

.PHONY: help setup setup-dev import dev serve test lint fuzz bench soak docs web upgrade migration lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | column -t -s "$$(printf '\t')"

setup: .venv/.runtime ## virtual environment with the locked dependencies

setup-dev: .venv/.dev

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mids-assets needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.api: requirements-api.lock pyproject.toml | .venv/.runtime
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-api.lock
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/.runtime
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

import: setup ## main job: SOURCE (default data/sample) into PostgreSQL, as realm REALM (default homecoming)
	@$(BIN)/mids import "$(SOURCE)" --realm "$(REALM)" $(ARGS)

dev: setup ## Dagster UI on 127.0.0.1, port PORT (default 3000), with its daemon
	@$(BIN)/dg dev --host 127.0.0.1 --port $(PORT)

serve: .venv/.api ## the read API and its page on 127.0.0.1:8000; ARGS="--port 8001 --workers 4"
	@$(BIN)/mids serve $(ARGS)

test: setup-dev ## all tests
	$(BIN)/python -m pytest $(ARGS)

lint: setup-dev ## ruff, pyright, import rules, bandit, advisories about libraries
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	# It calls a mark of ours unused for each of its tests that finds nothing on that line.
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml mids_assets 2> >(grep -v "nosec encountered" >&2)
	@$(BIN)/python -m mids_assets_tests.advisories

fuzz: setup-dev ## damaged files into every reader for SECONDS (default 180), cases of SEED (default 1)
	@$(BIN)/python -m mids_assets_tests.fuzz --seconds "$(SECONDS)" --seed "$(SEED)" $(ARGS)

bench: setup-dev ## measure the stages against their yardsticks; ARGS=--exporter, ARGS=--full, ARGS=--help
	$(BIN)/python -m mids_assets_tests.bench $(ARGS)

soak: setup-dev ## load test: publishes, 20 readers, backups and sensors for five minutes; ARGS="--minutes 20", ARGS=--help
	$(BIN)/python -m mids_assets_tests.soak $(ARGS)

docs: setup-dev ## generate docs/data_dictionary.md, a part of docs/city-of-data.md and the Python types of the API
	$(BIN)/python -m mids_assets.model.dictionary docs/data_dictionary.md
	$(BIN)/python -m mids_assets.transform.crosscheck.documented docs/city-of-data.md
	$(BIN)/python -m mids_assets.api.clients.python mids_assets/api/clients/models.py

web: setup-dev ## build the page of the API into mids_assets/web/dist, with its types from the model; needs no Node of the machine's
	@$(BIN)/python -m mids_assets_tests.page_build

upgrade: setup ## bring an installation to the version that is checked out: environment, databases, Dagster's storage; backups first
	@$(BIN)/mids upgrade

migration: setup-dev ## write the next revision of the schema from the model: MESSAGE="what changes"; ARGS=--empty for statements by hand
	@$(BIN)/python -m mids_assets.warehouse.migrations.generating "$(MESSAGE)" $(ARGS)

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate --quiet pyproject.toml
lock: ## renew the lock files from pyproject.toml (needs uv)
	$(LOCK) -o requirements.lock
	$(LOCK) --extra k8s -c requirements.lock -o requirements-k8s.lock
	$(LOCK) --extra api -c requirements.lock -o requirements-api.lock
	$(LOCK) --extra api --extra dev -c requirements.lock -o requirements-dev.lock

clean: ## remove the virtual environment; data stays
	rm -rf .venv
