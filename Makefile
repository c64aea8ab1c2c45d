# serve: from a clone to a service that answers about corpus/ on http://127.0.0.1:8000
# test:  from a clone to passed tests
# eval:  the question set: its self-test, and the scores on dev against eval/baseline.json
# bench: speed beside other systems and as the index grows, into docs/bench.md (BENCH_DATASETS names the data sets)
# lint:  style and types
# image: the container image (docker, or what IMAGE_BUILDER names)
#
# PIP_OPTIONS goes to every pip install, for example the index of PyTorch's CPU builds.

PYTHON ?= python3
VENV ?= .venv
PIP_OPTIONS ?=
IMAGE_BUILDER ?= docker build
BENCH_DATASETS ?= $(KUTIPAN_DATASETS)
BENCH_WORK ?= build/bench
BENCH_OPTIONS ?=
BIN := $(VENV)/bin

.PHONY: serve test eval bench lint image

serve: export KUTIPAN_CORPUS_DIR ?= corpus
serve: export KUTIPAN_DATA_DIR ?= data
serve: $(VENV)/.service
	@echo "== serving $(KUTIPAN_CORPUS_DIR) from $(KUTIPAN_DATA_DIR); stop with Ctrl-C"
	@exec $(BIN)/kutipan serve

test: $(VENV)/.tests
	@echo "== style and types"
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@echo "== tests"
	@$(BIN)/pytest

eval: $(VENV)/.service
	@echo "== the eval's self-test: known-bad answers must be caught"
	@$(BIN)/kutipan eval --self-test
	@echo "== the eval on dev, against eval/baseline.json"
	@$(BIN)/kutipan eval --gate

bench: export KUTIPAN_DATASETS := $(BENCH_DATASETS)
bench: $(VENV)/.service
	@echo "== side by side, then alone as it grows: 25 minutes each at most, on quiet cores"
	@$(BIN)/python -m eval.bench --work $(BENCH_WORK) --pip-options="$(PIP_OPTIONS)" --write-docs $(BENCH_OPTIONS)
	@$(BIN)/python -m eval.bench.scale --work $(BENCH_WORK) --write-docs

lint: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

image:
	$(IMAGE_BUILDER) -t kutipan --build-arg PIP_OPTIONS="$(PIP_OPTIONS)" .

$(VENV)/.created:
	@echo "== making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.service: requirements.lock pyproject.toml $(VENV)/.created
	@echo "== installing the service (some minutes the first time)"
	@$(BIN)/pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) --no-deps --editable .
	@touch $@

$(VENV)/.tests: requirements-dev.lock $(VENV)/.service
	@echo "== installing what the tests need"
	@$(BIN)/pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -r requirements-dev.lock
	@touch $@
