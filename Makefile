.DEFAULT_GOAL := help
CODE := src tests tools $(wildcard benchmarks)
.PHONY: help setup run test check format coverage drills bench reference

help: ## List the words
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z%-]+):.*## (.*)/\1\t\2/' | expand -t 12

setup: ## Create the environment: .venv, from requirements.lock
	@scripts/bootstrap run

run: setup ## Set up and run the product with the demo agency
	@.venv/bin/cleanclaim demo

test: ## Everything that must hold; installs what it needs
	@scripts/test

check: ## Format, lint, types of the core, import direction, health of data and pages
	@scripts/bootstrap dev
	@.venv/bin/ruff format --check $(CODE)
	@.venv/bin/ruff check $(CODE)
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/pytest tests/data tests/architecture

format: ## Write the code in the one format
	@scripts/bootstrap dev
	@.venv/bin/ruff format $(CODE)
	@.venv/bin/ruff check --fix $(CODE)

reference: ## Write the generated pages of docs/reference again
	@scripts/bootstrap dev
	@.venv/bin/python tools/write_reference.py

coverage: ## How much of the core its tests reach, line by line
	@scripts/test coverage

drills: ## The reliability drills in full; writes docs/reliability/report.md
	@scripts/test drills-full

bench: ## Every benchmark
	@scripts/bootstrap dev
	@set -e; for one in benchmarks/[!_]*.py; do echo "== $$one"; .venv/bin/python "$$one"; done

bench-%: ## One benchmark: make bench-x12
	@scripts/bootstrap dev
	@.venv/bin/python benchmarks/$*.py
