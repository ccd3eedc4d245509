# What a person does with a checkout. Needs Python 3.11 or newer and package registries; Node and a browser
# are found or fetched. `make help` lists the targets.

PYTHON ?= python3
MODEL ?= local
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
STAMPS := $(VENV)/.stamps
FRONTEND := $(shell find js/src js/build.mjs -type f 2>/dev/null) $(wildcard package.json package-lock.json tsconfig.json)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.PHONY: help demo lab test test-unit test-widgets test-real test-browser test-foreign lint format
.PHONY: examples bench clean setup-test chromium kernels foreign local-model

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  (PYTHON=python3.12 names another Python; ARGS='-k cache' gives pytest options)"

# -- to use

demo: $(STAMPS)/lab ## Run the quickstart and print its results; MODEL=test needs no download
	@$(PY) -m example_notebooks.demo --model $(MODEL)

lab: $(STAMPS)/lab ## Open the quickstart in JupyterLab; Model() is then what works without a key
	@model="$${EDSL_DEFAULT_MODEL:-$$($(PY) -m tools.local_model default)}"; \
	echo "In these notebooks Model() is $$model; EDSL_DEFAULT_MODEL=gpt-4o make lab makes it another."; \
	EDSL_DEFAULT_MODEL="$$model" $(VENV)/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS) \
		example_notebooks/quickstart.ipynb

# -- to develop

test: setup-test local-model ## Run every test, in layers (ARGS="-x" for pytest)
	@$(PY) -m tools.run_tests -- $(ARGS)

test-unit: $(STAMPS)/dev ## Run the quick tests only
	@$(PY) -m tools.run_tests unit -- $(ARGS)

test-widgets: $(STAMPS)/dev ## Run the TypeScript tests
	@$(PY) -m tools.run_tests widgets

test-real: $(STAMPS)/dev kernels local-model ## Run the tests with real SQLite, HTTP and kernels
	@$(PY) -m tools.run_tests real -- $(ARGS)

test-browser: $(STAMPS)/dev kernels chromium ## Run the tests in JupyterLab and Chromium
	@$(PY) -m tools.run_tests browser -- $(ARGS)

test-foreign: $(STAMPS)/dev foreign ## Run the tests against other people's packages
	@$(PY) -m tools.run_tests foreign -- $(ARGS)

lint: $(STAMPS)/dev ## Check style, types and layers
	@$(PY) -m tools.run_lint

format: $(STAMPS)/dev ## Put the Python files into the house style
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format .

examples: $(STAMPS)/dev ## Execute the example notebooks and save them as readers see them
	@$(PY) -m tools.save_examples

bench: $(STAMPS)/dev local-model ## Measure speed; asserts nothing
	@$(PY) -m tests.foreign.environments bench
	@$(PY) -m pytest tests/benchmarks --benchmark-columns=min,median,rounds -s $(ARGS)

clean: ## Remove everything that was made here, the environment included
	rm -rf $(VENV) .cache node_modules edsl_nb/widgets/static demo-output tests/screenshots dist build
	rm -rf .pytest_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find edsl_nb tests tools example_notebooks js -name __pycache__ -type d -prune -exec rm -rf {} +

# -- set-up; each step is quick where it was done before

setup-test: $(STAMPS)/dev chromium kernels foreign

chromium: $(STAMPS)/dev
	@$(PY) -m tests.browser.chromium

kernels: $(STAMPS)/dev
	@$(PY) -m tests.kernels.overlays

foreign: $(STAMPS)/dev
	@$(PY) -m tests.foreign.environments

local-model: $(STAMPS)/dev
	@$(PY) -m tools.local_model

$(STAMPS)/venv:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or say: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
		  echo "Name another one: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@mkdir -p $(@D) && touch $@

# pip builds the widgets as a part of the editable install, so their sources count.
$(STAMPS)/lab: $(STAMPS)/venv pyproject.toml hatch_build.py $(FRONTEND)
	@$(PY) -m tools.pip_install "edsl_nb and JupyterLab (minutes, the first time)" -e ".[lab]"
	@touch $@

$(STAMPS)/dev: $(STAMPS)/venv pyproject.toml hatch_build.py $(FRONTEND)
	@$(PY) -m tools.pip_install "edsl_nb and the developers' tools (minutes, the first time)" -e ".[dev]"
	@touch $@ $(STAMPS)/lab
