# softdash: `make run` starts it, `make test` tests it. Everything else is listed by `make help`.
PYTHON ?= python3
VENV ?= .venv
BROWSER ?= yes
BIN = $(VENV)/bin
export VENV

ifeq ($(BROWSER),yes)
  TESTS = not slow
else
  TESTS = not slow and not browser
endif

# What runs without torch.
FAST = tests/softening tests/catalog tests/structures tests/reports tests/jobs tests/api tests/web tests/cli/test_cli_pipes.py \
  tests/test_floors.py tests/test_settings.py

.PHONY: run test test-slow test-lowest coverage benchmarks-smoke check environment environment-test chromium docs wheel lock clean help

run: environment  ## install what is missing, start web and worker, print the address
	@exec $(BIN)/softdash serve

test: environment-test chromium check  ## all set-up for the tests, style and types, then the tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "$(TESTS)" $(ARGS)

test-slow: environment-test  ## the long tests
	$(BIN)/python -m pytest -m slow $(ARGS)

test-lowest:  ## fast tests with the lowest versions that pyproject.toml allows
	@PYTHON=$(PYTHON) scripts/test_lowest.sh $(or $(ARGS),$(FAST))

coverage: environment-test  ## fast tests, and which lines of softdash/ none of them ran (htmlcov/index.html)
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow and not browser" --cov --cov-report=html --cov-report=term $(or $(ARGS),$(FAST))

benchmarks-smoke: environment-test  ## recompute a small part of every task and compare with precomputed/ (minutes)
	$(BIN)/python checks/smoke.py

check: environment-test  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

environment:
	@$(PYTHON) scripts/set_up.py run

environment-test:
	@$(PYTHON) scripts/set_up.py test

chromium:
	@if [ "$(BROWSER)" = yes ]; then scripts/get_chromium.sh; fi

docs: environment-test  ## write the generated pages of the documentation, and build all into site/
	$(BIN)/softdash settings --markdown > docs/settings.md
	$(BIN)/python -m softdash.cli.reference > docs/cli.md
	$(BIN)/python -m softdash.api.reference > docs/api.md
	$(BIN)/python -m softdash.benchmarks.slope_claims > docs/what-a-slope-tells.md
	$(BIN)/python scripts/write_doc_tables.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

wheel: docs  ## build a wheel with the documentation in it, into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

lock: environment-test  ## write constraints.txt from this environment
	$(BIN)/python scripts/write_constraints.py

clean:  ## remove the environment and all caches (state in var/ stays)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build dist *.egg-info

help:
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## */\t/' | expand -t 16
