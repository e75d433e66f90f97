# Every command sets up what it needs first; `make demo` is the one to start with.

PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$name && break; done)
ifeq ($(PYTHON),)
$(error StormCom needs Python 3.11 or newer, and there is no Python here. Install python3, then try again)
endif
IN_DEMO := @$(PYTHON) bootstrap.py
IN_DEV := @$(PYTHON) bootstrap.py --dev
UV_COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test lint types bench shots setup lock clean

help: ## Show these lines
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## Run the whole of StormCom with a living demo store (DEMO_FRESH=1 starts over)
	$(IN_DEMO) manage.py demo

test: ## Run all tests, the browser's too (ARGS="-k inbox" picks)
	$(IN_DEV) --browser -m pytest -n 2 --dist loadfile $(ARGS)

lint: ## Check style of Python and templates
	$(IN_DEV) -m ruff check
	$(IN_DEV) -m ruff format --check
	$(IN_DEV) -m djlint templates --lint --quiet
	$(IN_DEV) -m djlint sandbox/templates --profile jinja --lint --quiet

types: ## Check types
	$(IN_DEV) -m mypy

bench: ## Measure how fast webhooks are taken in, and what a call to Meta costs (needs wrk)
	$(IN_DEV) -m benchmarks

shots: ## Take a screenshot of every page into shots/
	$(IN_DEV) --browser -m tests.e2e.shots

setup: ## Only make the environment, with what developers need
	$(IN_DEV)

lock: ## Pin the newest packages that pyproject.toml allows (needs uv)
	@$(UV_COMPILE) --upgrade --output-file requirements.lock
	@$(UV_COMPILE) --upgrade --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Delete the environment and caches; what the demo keeps in .local stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
