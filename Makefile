# Two commands: `make run` and `make test`. Both set up the project's own virtual environment first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test check benchmark bench clean

run: $(VENV)/ready
	$(BIN)/python -m flows.clean seeds --out out --overwrite

test: $(VENV)/ready
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Style, types and layers alone; `make test` runs them too.
check: $(VENV)/ready
	$(BIN)/python -m pytest tests/test_house.py

# Near-duplicates against other libraries, each in an environment of its own; BENCH='--pool texts.jsonl.zst --megabytes 200'.
BENCH ?= --megabytes 20
bench: $(VENV)/ready
	$(BIN)/python -m benchmarks.dedup $(BENCH)

benchmark: $(VENV)/ready
	$(BIN)/python -m benchmarks.plain_run

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) out .out.work build *.egg-info
