# Every target brings the environment, the stubs and the extensions up to date first.
# Switches: QC_PURE_PYTHON=1 compile nothing; QC_REQUIRE_EXT=1 fail if a module cannot be
# compiled; QC_NATIVE=1 optimise for this processor; PYTHON=... the interpreter to start from.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

recent := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
  $$python -c '$(recent)' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements.lock
SOURCE_ROOTS := proto server clients/python

mode := $(if $(QC_PURE_PYTHON),pure,$(if $(QC_REQUIRE_EXT),required,optional)$(if $(QC_NATIVE),-native))
generators := $(wildcard proto/wire.py)
contract := $(wildcard proto/quantumcore/v1/*.proto proto/*.py)
compiled := $(shell find server gateway_fix gateway_web \( -name '*_cy.py' -o -name '*.pxd' \) 2>/dev/null)
benchmarks := $(basename $(notdir $(wildcard $(patsubst %,benchmarks/%.py,book exchange packages \
  margin journal recovery projection feed grpc fanout fix web wire))))
portions := $(wildcard $(SOURCE_ROOTS:%=%/quantumcore/*/))

environment := $(VENV)/.locked
stubs := build/stubs.stamp
extensions := build/extensions-$(mode).stamp
installed := $(VENV)/.installed

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  \033[1m%-16s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## Start the venue with demonstration instruments and accounts, ready to trade.
	@$(BIN)/quantumcore up --demo

demo: build ## Replay real order flow at full speed, kill the server, show that nothing is lost.
	@$(BIN)/quantumcore demo

test: build test-twin ## Run every test, the core's also without its compiled form.
	$(BIN)/pytest $(PYTEST_ARGS)

test-twin: build ## Run the core's tests on the uncompiled twin of each compiled module.
	@if compgen -G 'tests/server/core/test_*.py' >/dev/null; then \
	  QC_TWIN=python $(BIN)/pytest -q tests/server/core $(PYTEST_ARGS); fi

lint: build ## Check style, types and the contract; change nothing.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(wildcard server clients/python tests benchmarks)
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	@$(MAKE) breaking generated-fresh

breaking: $(environment) ## Refuse contract changes that break a client of the last commit.
	@base=$$(git diff --quiet HEAD -- proto buf.yaml && echo HEAD^ || echo HEAD); \
	if git cat-file -e "$$base:buf.yaml" 2>/dev/null; then \
	  rm -rf build/contract-base && mkdir -p build/contract-base; \
	  git archive "$$base" buf.yaml proto | tar -x -C build/contract-base; \
	  $(BIN)/buf breaking --against build/contract-base; \
	else echo "buf breaking: no contract in $$base to compare with"; fi

generated-fresh: build ## Refuse committed generated files that differ from what is generated.
	@for generator in $(generators); do $(BIN)/python $$generator; done
	@git diff --exit-code --stat -- ':(glob)server/quantumcore/server/api/**/*_cy.py'

format: $(environment) ## Rewrite sources and contract in the project's format.
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/buf format -w

build: $(installed) ## Environment, stubs, extensions and the editable install, whatever is out of date.

proto: $(stubs) ## Generate the Python stubs from the contract.

bench: build ## Run every benchmark; results go to build/bench/*.json.
	@for name in $(benchmarks); do $(BIN)/python -m benchmarks.$$name $(BENCH_ARGS); done

bench-%: build ## Run one benchmark, as in `make bench-book`.
	@$(BIN)/python -m benchmarks.$* $(BENCH_ARGS)

fuzz: build ## Hold the core to its reference over long flows; throw generated input at a venue.
	QC_FUZZ_OPERATIONS=$${QC_FUZZ_OPERATIONS:-300000} $(BIN)/pytest tests/server/core -k 'seeded and not model'
	QC_FUZZ_OPERATIONS=$${QC_FUZZ_OPERATIONS:-3000000} $(BIN)/pytest tests/server/core -k 'seeded and model'
	$(BIN)/pytest -m fuzz $(PYTEST_ARGS)

crash-test: build ## Kill the venue with -9 at random moments and inspect what it left.
	QC_TEST_CRASHES=$${QC_TEST_CRASHES:-100} $(BIN)/pytest -m crash $(PYTEST_ARGS)

rehearse-migration: build ## Move a store of 100 thousand orders under load, breaking things on the way.
	QC_TEST_MIGRATION_ORDERS=$${QC_TEST_MIGRATION_ORDERS:-100000} \
	  $(BIN)/pytest -s -o faulthandler_timeout=3600 tests/integration/test_migration_rehearsal.py $(PYTEST_ARGS)

event-samples: build ## Keep samples of event types and versions that have none; rewrite nothing.
	@$(BIN)/python -m tests.server.store.samples

lock: $(environment) ## Re-resolve the locked versions from pyproject.toml.
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command 'make lock' --quiet $(LOCK_ARGS) -o $(LOCK)

clean: ## Remove what was built; keep the environment and the data.
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis $(installed)
	find $(SOURCE_ROOTS) tests benchmarks -depth \( -name '*_cy*.so' -o -name '_memoryviews*.so' -o -name '*_pb2.py*' \
	  -o -name '*_pb2_grpc.py*' -o -name contract.binpb -o -name .stubs.sha256 \
	  -o -name '*.egg-info' -o -name __pycache__ \) -exec rm -rf {} +

.PHONY: help run demo test test-twin lint breaking generated-fresh format build proto bench fuzz \
  crash-test rehearse-migration event-samples lock clean

$(VENV)/bin/python:
	@$(or $(PYTHON),false) -c '$(recent)' || { \
	  echo 'Python 3.11, 3.12 or 3.13 is needed; name it by make PYTHON=...' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
	  || { rm -rf $(VENV); uv venv --quiet --seed --python $(PYTHON) $(VENV) 2>/dev/null; } \
	  || virtualenv --quiet --python $(PYTHON) $(VENV) 2>/dev/null \
	  || { rm -rf $(VENV); echo 'No virtual environment can be created: install the package' \
	    'python3-venv (Debian, Ubuntu), or uv, or virtualenv.' >&2; exit 1; }

$(environment): $(LOCK) | $(VENV)/bin/python
	@echo 'installing the locked versions'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	@touch $@

$(stubs): $(contract) | $(environment)
	@$(BIN)/python proto/build.py
	@mkdir -p build && touch $@

# A stamp of another mode means that the objects on disk were built differently.
$(extensions): $(compiled) setup.py | $(environment) $(stubs)
	@mkdir -p build
	@$(if $(QC_PURE_PYTHON),find server \( -name '*_cy*.so' -o -name '_memoryviews*.so' \) -delete, \
	  $(BIN)/python setup.py --quiet build_ext --inplace \
	  $(if $(filter-out $@,$(wildcard build/extensions-*.stamp)),--force))
	@rm -f build/extensions-*.stamp && touch $@

$(installed): pyproject.toml $(portions) $(environment) $(stubs) $(extensions)
	@QC_PURE_PYTHON=1 $(BIN)/python -m pip install -qq --disable-pip-version-check \
	  --no-build-isolation --no-deps --editable .
	@touch $@
