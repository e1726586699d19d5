# Every verb stands on a line of its own with a sentence behind ##; `make help` prints them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
COMPILE := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet --upgrade
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install run test test-services published-clients test-client chaos check lint types imports bench bench-accept bench-deliver bench-smtp bench-gateway bench-read bench-purge bench-content bench-client bench-send-many format requirements vectors conformance schemathesis serve-conformance clean

help: ## Show what can be asked for
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-22s %s\n", $$1, $$2}'

$(UV): requirements/installer.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Pillarbox needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "This Python cannot make virtual environments: on Debian, apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.txt
	@touch $(UV)

$(VENV)/.server: $(UV) requirements/server.txt server/pyproject.toml
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/server.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e server
	@touch $@

$(VENV)/.client: $(UV) $(VENV)/.server client/pyproject.toml
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/client.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e client
	@touch $@

$(VENV)/.dev: $(UV) $(VENV)/.server $(VENV)/.client requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

install: $(VENV)/.dev ## Install Pillarbox, the client and the tools for tests into .venv

run: $(VENV)/.server $(VENV)/.client ## Start the whole product on embedded defaults, in the foreground: make run [ARGS="--port 7000"]
	@exec $(BIN)/pillarbox up $(ARGS)

test: install ## Run the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-services: ## Install the programs that some tests speak to (Postfix and the like), from Debian's packages, as root
	@tests/install_services.sh

fresh-clone-check: install ## Clone what is committed, run it as root and as a plain user, and time it
	@$(BIN)/python -m tests.acceptance.fresh_clone

published-clients: install ## Try the clients that are published in the registries, Python's and Node's, against a server of our own
	@PUBLISHED_CLIENTS=1 $(BIN)/python -m pytest -q -s tests/acceptance/test_published_clients.py

test-client: install ## Test the client on every Python from 3.8 that this machine has
	@$(BIN)/python tests/client/on_every_python.py

chaos: install ## Let everything fail and kill everything for a while, then see that nothing was lost: make chaos [SECONDS=600] [SEED=1]
	@$(BIN)/python -m tests.chaos --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED)) $(ARGS)

lint: install ## Check style and formatting
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: install ## Check the types
	@$(BIN)/mypy

imports: install ## Check which way imports point
	@$(BIN)/lint-imports

check: lint types imports test ## Everything that must hold before a change lands

format: install ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

vectors: install ## Compare recorded cases with what we do: make vectors [DIR=tests/vectors/data]
	@$(BIN)/python -m tests.vectors $(or $(DIR),tests/vectors/data)

conformance: install ## Run the API cases: make conformance [BASE_URL=http://…] [CASES=folder] [FIXTURE=file]
	@$(BIN)/python -m tests.contract $(if $(BASE_URL),--base-url $(BASE_URL)) $(if $(CASES),--cases $(CASES)) $(if $(FIXTURE),--fixture $(FIXTURE)) $(ARGS)

schemathesis: install ## Ask the API whatever its OpenAPI document allows and forbids: make schemathesis [SECONDS=600]
	@$(BIN)/python -m tests.server.api.fuzzing --seconds $(or $(SECONDS),600)

serve-conformance: $(VENV)/.dev ## Serve a fresh, seeded system for API cases: make serve-conformance [PORT=6511] [FIXTURE=file]
	@exec $(BIN)/python -m tests.contract.serve --port $(or $(PORT),6511) $(if $(FIXTURE),--fixture $(FIXTURE)) $(ARGS)

bench-accept: install ## Measure accepting texts, beside its ceiling
	@$(BIN)/python -m bench.accept

bench-read: install ## Measure pages of 250 notifications, beside their ceiling
	@$(BIN)/python -m bench.read

bench-deliver: install ## Measure handing messages over, beside its ceiling
	@$(BIN)/python -m bench.deliver

bench-smtp: install ## Measure the smtp provider alone, beside its ceiling
	@$(BIN)/python -m bench.smtp

bench-gateway: install ## Measure the sms_http provider alone, beside its ceiling
	@$(BIN)/python -m bench.gateway

bench-purge: install ## Measure letting go of three days of a million notifications while texts come in
	@$(BIN)/python -m bench.purge

bench: bench-content bench-accept bench-read ## Measure everything that needs nothing from outside

bench-content: install ## Measure how long content and recipients take
	@$(BIN)/python -m bench.content

bench-client: install ## Measure what the client costs beside the published one (installs that one for comparing)
	@$(BIN)/python -m bench.client

bench-send-many: install ## Measure send_many beside the published client one by one, and at a service's default rate
	@$(BIN)/python -m bench.send_many

requirements: $(UV) ## Compile the pinned requirement files anew
	@$(COMPILE) -o requirements/installer.txt requirements/installer.in
	@$(COMPILE) -o requirements/server.txt server/pyproject.toml requirements/build.in
	@$(COMPILE) -o requirements/client.txt -c requirements/server.txt client/pyproject.toml requirements/build.in
	@$(COMPILE) --all-extras -c requirements/server.txt -o requirements/dev.txt server/pyproject.toml client/pyproject.toml requirements/tools.in requirements/build.in

clean: ## Remove the virtual environment and the embedded database
	@[ ! -f .pillarbox/postgres/location ] || rm -rf "$$(cat .pillarbox/postgres/location)"
	@rm -rf $(VENV) .pillarbox
