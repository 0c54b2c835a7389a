# Everything a person or CI does here. `make run` and `make test` set up all they need by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup install run test interop lint bench clean

setup: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps 'badx12==0.2.2'
	touch $(READY)

# The product without its tests, into PREFIX: what the Dockerfile runs.
install:
	$(PYTHON) -m venv $(PREFIX)
	$(PREFIX)/bin/pip install --quiet --disable-pip-version-check .

run: $(READY)
	$(BIN)/gateway run --demo $(ARGS)

test: $(READY)
	$(BIN)/pytest -n 2 -m "not interop" $(ARGS)

interop: $(READY)
	tests/interop/setup
	$(BIN)/pytest -m interop $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
