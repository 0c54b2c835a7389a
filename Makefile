# Everything a person or CI does here. `make run` and `make test` set up all they need by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup install run test interop lint fuzz constraints bench clean

# Compiled Python is kept: without it each start of `gateway` takes half a second longer.
unexport PYTHONDONTWRITEBYTECODE

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@echo 'setting up $(VENV), about half a minute'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps 'badx12==0.2.2'  # a peer; its own dependencies include a GPL one
	touch $(READY)

# The product without its tests, into PREFIX: what the Dockerfile runs.
install:
	$(PYTHON) -m venv $(PREFIX)
	$(PREFIX)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt .

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

# 20,000 mutated documents instead of the default run's handful.
fuzz: $(READY)
	GATEWAY_FUZZ=20000 $(BIN)/pytest -n 2 --timeout 1800 tests/end_to_end/test_fuzz.py $(ARGS)

# Takes the newest releases and writes down which they were.
constraints:
	rm -rf $(VENV) constraints.txt && touch constraints.txt && $(MAKE) setup
	$(BIN)/pip freeze --exclude-editable --exclude badx12 > constraints.txt

bench: $(READY)
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
