# Python 3.11 to 3.13 is all that these need; each target makes what it lacks.

# Tried, not only looked for: a version manager may answer for a Python that is not installed.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$p && exit; done; echo python3)

BIN := .venv/bin
ARGS ?=
TAG ?= 0.1.0
REGISTRY ?=
# Twice as many as there are cores, for most tests wait for a server most of their time; no more than
# one Kafka and one MongoDB serve well.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(8, 2 * (os.cpu_count() or 1)))')

.DEFAULT_GOAL := help
.PHONY: help run test check fix lock reset faults bench images sbom audit bootstrap web

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: web ## Start the whole system with a sample district (ONCE=1: start, show, stop)
	@$(BIN)/enlace up --demo $(if $(ONCE),--once) $(ARGS)

test: check web ## Check everything and run the tests on real servers (ARGS="-k name" for some)
	@$(BIN)/python -m deploy.local.browser
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --ignore=tests/benchmarks $(ARGS)

check: bootstrap ## Lint, formatting, types, who imports whom, and the words of messages
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m contracts.generate --check
	@$(BIN)/enlace templates check

fix: bootstrap ## Format, and correct what can be corrected by itself
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

lock: ## Write both locks anew after a change of dependencies
	@$(PYTHON) deploy/local/bootstrap.py --lock

reset: bootstrap ## Throw away the local system's data
	@$(BIN)/enlace reset $(ARGS)

faults: bootstrap ## Kill and stall the real servers under load; audit what it did (SHORT=1: a minute)
	@$(BIN)/python -m tests.faults $(if $(SHORT),--short) $(ARGS)

bench: bootstrap ## Measure throughput and delays beside peers and limits (SHORT=1: only that it runs)
	@$(BIN)/python -m tests.benchmarks $(if $(SHORT),--short) $(ARGS)

images: web ## Build the image of every service with Docker (TAG=0.1.0, REGISTRY=…/)
	@for service in referral partner notify reporting portal; do \
		docker build --file deploy/images/Dockerfile --build-arg SERVICE=$$service \
			--tag $(REGISTRY)enlace-$$service:$(TAG) . || exit 1; done

sbom: bootstrap ## Write what the images hold to build/enlace.cdx.json (CycloneDX)
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements --short-PURLs --output-reproducible --pyproject pyproject.toml \
		--output-file build/enlace.cdx.json deploy/images/requirements.lock

audit: bootstrap ## Ask the advisory database about what the images hold
	@$(BIN)/python -m deploy.images.audit

bootstrap:
	@$(PYTHON) deploy/local/bootstrap.py

web: bootstrap
	@$(BIN)/python -m deploy.local.node
