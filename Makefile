PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
QUESTION := How do I reset the password of the administrator?

.DEFAULT_GOAL := help
.PHONY: help setup demo test quick check format bench bench-behaviour bench-desk opa opa-parity bench-agentdojo bench-adaptive bench-guards clean

help:  ## print this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 22

setup:  ## install everything into .venv (GPU=cuda|vulkan|metal|hip builds llama.cpp for a device)
	@scripts/setup.sh

demo: setup  ## run the desk team on one real question
	@.venv/bin/lictor run examples/desk/desk.yaml "$(QUESTION)"

test: setup  ## run every test
	@scripts/test-services.sh
	$(PYTEST) -q -n 2 --dist loadgroup -m "not slow"
	$(PYTEST) -q -m slow

quick: setup  ## run the fast tests
	$(PYTEST) -q -n 2 --dist loadgroup -m "not slow"

check: setup  ## lint, types, import contracts, policy tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/mypy tests benchmarks
	.venv/bin/lint-imports
	$(PYTEST) -q tests/layout tests/policies

format:  ## format the code and mend what the linter can
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix-only -q .

opa:  ## build the pinned OPA, which the policies are held against (needs Go)
	@scripts/opa.sh

opa-parity: setup opa  ## ask both policy engines the same questions and print what they answer differently
	@PYTHONPATH=tests/support $(PYTHON) tests/support/policy_parity.py

bench: setup  ## measure the mediated path against direct NATS
	.venv/bin/lictor bench mesh -o json

bench-behaviour: setup  ## count the loops that are found, and the lively work that is stopped wrongly
	$(PYTHON) benchmarks/behaviour.py

bench-desk: setup  ## ask the desk team twenty questions and count what it got right
	$(PYTHON) benchmarks/desk.py

bench-agentdojo: setup  ## replay AgentDojo's attacks through the enforcer (AgentDojo gets an environment of its own)
	@test -x .venv-agentdojo/bin/python || .venv/bin/uv venv -q --python $(PYTHON) .venv-agentdojo
	@.venv/bin/uv pip install -q --python .venv-agentdojo/bin/python -r benchmarks/agentdojo/requirements.txt
	$(PYTHON) benchmarks/agentdojo/run.py --attack all -o json

bench-adaptive: setup  ## attacks of our own, by somebody who knows policy and contract
	$(PYTHON) benchmarks/agentdojo/adaptive.py -o json

DATA ?= ../shared/data

bench-guards: setup  ## score the content guards on labelled texts (DATA=folder)
	$(PYTHON) benchmarks/guards.py --data $(DATA)

clean:  ## remove what setup and runs made
	rm -rf .venv .venv-agentdojo .lictor .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
