# The commands that README.md promises. `make run` and `make test` work on a fresh machine with Python 3.11, make and git.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OLDEST := $(shell ls data_raw | grep -E '^[0-9]{4}Q[1-4]$$' | head -n 1)
# Hashes and no addresses: the lock holds on any mirror and on a closed network.
COMPILE := UV_CUSTOM_COMPILE_COMMAND='make lock' uv pip compile --quiet --generate-hashes --no-emit-index-url --no-strip-extras --python-version 3.11
NEWEST := $(shell ls data_raw | grep -E '^[0-9]{4}Q[1-4]$$' | tail -n 1)

.PHONY: env run test lint lint-python lint-sql bench spark spark-env argus-env ui audit pictures lock

env: $(VENV)/installed

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

run: env
	$(BIN)/i315 run $(NEWEST)

# A process per core, each with whole test files; tests/conftest.py says which come first.
test: env
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# SQL and Python are judged side by side: sqlfluff waits for dbt to compile, mypy for nobody.
lint: env
	$(MAKE) --no-print-directory --jobs 2 --output-sync lint-python lint-sql

lint-python:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

lint-sql:
	cd dbt_project && ../$(BIN)/sqlfluff lint --processes 2 models tests

bench: env
	$(BIN)/python -m pytest tests/benchmarks -p no:cacheprovider -s -q --override-ini=addopts=

# The other engine (docs/engines.md) over the landing in warehouse/, after a run. Its packages are an environment on top of the other one:
# where Great Expectations finds pyspark, it imports it, and every gate would pay for that.
spark: spark-env
	$(VENV)/spark/bin/python -m pipelines.transform.spark warehouse build/spark $(OLDEST)..$(NEWEST)

spark-env: $(VENV)/spark/installed

$(VENV)/spark/installed: requirements-spark.lock $(VENV)/installed
	$(PYTHON) -m venv $(VENV)/spark
	$(BIN)/python -c "import os, sysconfig; print(sysconfig.get_path('purelib'), os.getcwd(), sep=os.linesep)" > $$(echo $(VENV)/spark/lib/python3.*/site-packages)/below.pth
	$(VENV)/spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	touch $@

# Tau-Argus for the tests of disclosure control: in an environment that nothing else shares.
argus-env: $(VENV)/argus/installed

$(VENV)/argus/installed: requirements-argus.lock
	$(PYTHON) -m venv $(VENV)/argus
	$(VENV)/argus/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-argus.lock
	touch $@

ui: env
	$(BIN)/i315 ui

audit: env
	$(BIN)/i315 ui --read-only --port 3001

# The pictures of docs/auditors.md, from the real UI over the editions in warehouse/.
pictures: env
	$(BIN)/python -m tests.browser.auditors_pictures warehouse

lock:
	$(COMPILE) --extra dev pyproject.toml -o requirements.lock
	$(COMPILE) --constraint requirements.lock --extra spark pyproject.toml -o requirements-spark.lock
	$(COMPILE) --group argus -o requirements-argus.lock
