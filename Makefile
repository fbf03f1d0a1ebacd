# `make demo` and `make test` do all the set-up that they need.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
VENV33 ?= .venv33
READY33 := $(VENV33)/.ready
DEMO_HOME ?= .docstrata/demo
# For two cores: tests wait for files and processes as often as they compute.
TEST_JOBS ?= 3
# Commands and tests start hundreds of processes: none compiles anew what another has compiled.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo airflow airflow33 chromium postgres redis promtool test check lint lock schemas test-services test-faults test-gpu bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

# pip's warnings about its own configuration say nothing about docstrata. The lock is whole: nothing else comes in, but
# the CUDA packages where torch's build wants them.
$(READY): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		|| { echo "docstrata's lock is for Python 3.11; name one: make PYTHON=python3.11 …"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked environment into $(VENV) (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile \
		-r <(grep -v '^torch==' requirements/dev.lock) 2> >(grep -v '^WARNING' >&2)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile $$(grep '^torch==' requirements/dev.lock) 2> >(grep -v '^WARNING' >&2)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . 2> >(grep -v '^WARNING' >&2)
# pip compiles on one core. Templates and files for other Pythons, which some packages carry, do not compile.
	@PYTHONWARNINGS=ignore $(BIN)/python -m compileall -qq -j 0 $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') || true
	@touch $@

demo: $(READY) ## ingest examples/inbox and answer two searches
	@$(BIN)/docstrata run examples/inbox --home $(DEMO_HOME) || test $$? -eq 3
	@$(BIN)/docstrata search "How long is the notice period for ending the service agreement?" --home $(DEMO_HOME) --limit 2
	@$(BIN)/docstrata search "离心泵启动前要检查什么？" --home $(DEMO_HOME) --limit 2

airflow: $(READY) ## a local Airflow with docstrata's DAGs and an inbox; Ctrl-C stops it
	@exec $(BIN)/docstrata airflow

test: $(READY) ## unit, property, golden, contract and architecture tests, and six kills
	@$(BIN)/pytest -m "not services and not gpu and not faults" --ignore tests/services --ignore tests/gpu -n $(TEST_JOBS) --dist loadfile --no-loadscope-reorder

check: $(READY) lint test ## everything that must be clean at a commit

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m schemas.export --check

test-services: $(READY) airflow33 chromium postgres redis promtool ## tests against real services: Airflow, a browser, Postgres, Redis, promtool, Qdrant at QDRANT_URL
	@$(BIN)/pytest -m services --timeout 3600

# Airflow 3.3 in an environment of its own, without docstrata's engines: they stay in $(VENV).
airflow33: $(READY33)

$(READY33): requirements/airflow33.lock
	@test -x $(VENV33)/bin/python || $(PYTHON) -m venv $(VENV33)
	@echo "installing Airflow 3.3 into $(VENV33) (a minute the first time)"
	@$(VENV33)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/airflow33.lock 2> >(grep -v '^WARNING' >&2)
	@touch $@

# The browser that looks at reports and takes the pictures of the manual.
chromium:
	@command -v chromium >/dev/null || { \
		test $$(id -u) = 0 || { echo "chromium is missing: apt-get install chromium"; exit 2; }; \
		echo "installing chromium"; export DEBIAN_FRONTEND=noninteractive; \
		apt-get -qq update && apt-get -qq install --no-install-recommends -y chromium fonts-noto-cjk >/dev/null; }

# The server of the catalog for several machines.
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
		test $$(id -u) = 0 || { echo "Postgres is missing: apt-get install postgresql"; exit 2; }; \
		echo "installing Postgres"; export DEBIAN_FRONTEND=noninteractive; \
		apt-get -qq update && apt-get -qq install --no-install-recommends -y postgresql >/dev/null; }

# The broker of Airflow's workers on several machines. The package would start one for the whole machine: the tests
# start their own.
redis:
	@command -v redis-server >/dev/null || { \
		test $$(id -u) = 0 || { echo "Redis is missing: apt-get install redis-server"; exit 2; }; \
		echo "installing Redis"; export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1; \
		apt-get -qq update && apt-get -qq install --no-install-recommends -y redis-server >/dev/null; }

# Prometheus' own judge of alert rules. The package would start a Prometheus for the whole machine.
promtool:
	@command -v promtool >/dev/null || { \
		test $$(id -u) = 0 || { echo "promtool is missing: apt-get install prometheus"; exit 2; }; \
		echo "installing promtool"; export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1; \
		apt-get -qq update && apt-get -qq install --no-install-recommends -y prometheus >/dev/null; }

test-faults: $(READY) ## long fault injection
	@$(BIN)/pytest -m faults --timeout 3600

test-gpu: $(READY) ## tests that need a GPU
	@$(BIN)/pytest -m gpu

schemas: $(READY) ## write schemas/generated
	@$(BIN)/python -m schemas.export

lock: ## compile requirements/*.in; needs uv
	uv pip compile --quiet --no-header --python-version 3.11 --override requirements/overrides.txt requirements/dev.in -o requirements/dev.lock
	uv pip compile --quiet --no-header --python-version 3.11 --override requirements/overrides.txt -c requirements/dev.lock requirements/default.in -o requirements/default.lock
	uv pip compile --quiet --no-header --python-version 3.11 --override requirements/overrides.txt -c requirements/dev.lock requirements/default.in requirements/airflow.in -o requirements/airflow.lock
	uv pip compile --quiet --no-header --python-version 3.11 --override requirements/overrides.txt -c requirements/dev.lock requirements/default.in requirements/airflow.in requirements/cluster.in requirements/postgres.in requirements/s3.in -o requirements/cluster.lock
	uv pip compile --quiet --no-header --python-version 3.11 --override requirements/overrides.txt -c requirements/dev.lock requirements/bench.in -o requirements/bench.lock
	uv pip compile --quiet --no-header --python-version 3.11 requirements/airflow33.in -o requirements/airflow33.lock

clean: ## remove what the targets made
	rm -rf $(VENV) $(VENV33) .docstrata build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
