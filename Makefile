# Every target works offline after the first `make demo` or `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORPUS ?= ../shared/corpus
XDIST ?= -n 2 --dist loadgroup
DEMO := build/demo

.DEFAULT_GOAL := help
# Tests start hundreds of processes: where nothing may be kept, each compiles all that it loads.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help demo test test-slow lint bench bench-large fixtures clips cluster schemas codes corpus innocent interop chaos hostile notices ocr wheel clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | sort | expand -t 12

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: $(VENV)/installed ## label the fixtures, verify them, say where the files lie
	rm -rf $(DEMO) && mkdir -p $(DEMO)/out
	XDG_CONFIG_HOME=$(CURDIR)/$(DEMO)/config XDG_DATA_HOME=$(CURDIR)/$(DEMO)/data PATH=$(CURDIR)/$(BIN):$$PATH \
	  sh fixtures/demo.sh $(DEMO)

test: $(VENV)/installed ## run the test suite with its coverage gate
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest $(XDIST) --cov --cov-report= -m 'not slow'
	$(BIN)/python -m coverage report --fail-under=95

test-slow: $(VENV)/installed ## run the slow tests: kill -9 at 200 random moments, wide fuzzing
	$(BIN)/python -m pytest $(XDIST) -m slow

lint: $(VENV)/installed ## formatting, style, types, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/typos

bench: $(VENV)/installed ## speed, as ratios against named peers in the same run
	$(BIN)/python -m benchmarks.bench

bench-large: $(VENV)/installed ## label and verify a film of 2 GB, and measure the memory that takes
	$(BIN)/python -m benchmarks.bench_large

cluster: $(VENV)/installed ## verify 2,000 objects of an S3 server by two Dask workers, and kill one of them
	$(BIN)/python -m benchmarks.cluster

corpus: $(VENV)/installed ## label and verify the real files in CORPUS=DIR
	$(BIN)/python -m benchmarks.corpus $(CORPUS)

notices: $(VENV)/installed ## rates of the notices of sound and film on AUDIO=DIR and VIDEO=DIR (ffmpeg)
	$(BIN)/python -m benchmarks.notices audio=$(AUDIO) video=$(VIDEO)

ocr: $(VENV)/installed ## recall and precision of notices nobody declared, on rendered pictures
	$(BIN)/python -m benchmarks.ocr

codes: $(VENV)/installed ## signed codes after half size, JPEG and screenshots; PICTURES=DIR adds real ones
	$(BIN)/python -m benchmarks.codes $(PICTURES)

innocent: $(VENV)/installed ## look for false origins in FILES=DIR, where nothing says AI
	$(BIN)/python -m benchmarks.innocent $(FILES)

chaos: $(VENV)/installed ## verify 10,000 files while workers and parent are killed; CORPUS=DIR adds real ones
	$(BIN)/python -m benchmarks.chaos $(wildcard $(CORPUS))

hostile: $(VENV)/installed ## verify bombs and floods within their limits of time and memory
	$(BIN)/python -m benchmarks.hostile

interop: $(VENV)/installed ## read what we write with tools that are not ours
	$(BIN)/python -m benchmarks.interop

fixtures: $(VENV)/installed ## rebuild the fixtures
	$(BIN)/python fixtures/build.py

clips: $(VENV)/installed ## rebuild the spoken notices in kzlabel/data (espeak-ng, ffmpeg)
	$(BIN)/python fixtures/clips.py

schemas: $(VENV)/installed ## rebuild schemas/ from the code
	$(BIN)/python -m kzlabel._schemas

wheel: $(VENV)/installed ## build the wheel into dist/
	$(BIN)/python -m pip wheel -q --no-deps -w dist .

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
