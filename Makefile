.DEFAULT_GOAL := help
.PHONY: help setup run test check

help: ## List the words
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 10

setup: ## Create the environment
	@scripts/bootstrap run

run: setup ## Set up and run the product with the demo agency
	@.venv/bin/cleanclaim demo

test: ## Everything that must hold; installs what it needs
	@scripts/test

check: ## Lint, types of the core, import direction, health of the data
	@scripts/bootstrap dev
	@.venv/bin/ruff check src tests
	@.venv/bin/mypy src/cleanclaim
	@.venv/bin/lint-imports
	@.venv/bin/pytest tests/data tests/architecture
