# `make demo` runs the whole loop on this machine, `make test` all tests; both set up what they need.
PYTHON ?= python3
BIN := .venv/bin
EMULATOR := .local/venvs/emulator
MLFLOW := .local/venvs/mlflow
WANDB := .local/venvs/wandb
NOTEBOOKS := .local/venvs/notebooks
FLOWS := .local/venvs/flows
CHECKOV := .local/venvs/checkov

# The certificates that this machine trusts, a company's own among them; pip takes them by itself.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem),)
export UV_SYSTEM_CERTS ?= 1
endif

.DEFAULT_GOAL := help
.PHONY: help notebooks plan apply cost setup terraform demo test test-long test-repeat check mutants bench-tables bench-transform bench-burst cost-ingest bench-predict simulate wheel package bench-memory bench-upsert bench-watch fuzz lock terminal-docs contract-docs clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: .venv/installed $(EMULATOR)/installed ## virtual environments, from the hashed locks

# uv comes from PyPI by its hash, everything else through it.
.venv/installed: requirements/uv.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is missing or older than 3.11: name a newer one, as in \`make demo PYTHON=python3.11\`" >&2; exit 1; }
	@echo "setting up .venv from the hashed locks"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(EMULATOR)/installed $(MLFLOW)/installed $(WANDB)/installed: .local/venvs/%/installed: .venv/installed requirements/%.txt
	@echo "setting up $*"
	@$(BIN)/python -m lakeloop.local.supervisor.locked $*

# Tools that pin what others need otherwise live in environments of their own.
.local/venvs/%/installed: .venv/installed requirements/%.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	$(BIN)/uv pip sync --quiet --python $(@D)/bin/python --require-hashes requirements/$*.txt
	@touch $@

terraform:
	@command -v terraform >/dev/null || \
	  { echo "Terraform is missing: install 1.11 or newer, https://developer.hashicorp.com/terraform/install" >&2; exit 1; }

demo: terraform ## drop real data, follow it to a served prediction (KEEP=1 leaves everything running, DATASET=wine takes an example)
	@start=$$(date +%s); $(MAKE) --no-print-directory --silent setup && \
	LAKELOOP_SETUP_SECONDS=$$(($$(date +%s) - start)) $(BIN)/lakeloop demo $(DATASET)

# The demo leaves a local cloud with a model that serves; one that runs already is taken as it is.
notebooks: terraform setup $(NOTEBOOKS)/installed $(FLOWS)/installed ## execute notebooks/ and flows/ on the local cloud, outputs and plots in place
	@$(BIN)/python -c 'from lakeloop.client import local_cloud; raise SystemExit(not local_cloud.running())' || $(BIN)/lakeloop demo --keep
	@set -a; . .local/env; PYTHONPATH=$(CURDIR)/layers SAGEMAKER_SUPPRESS_V2_WARNING=1 \
	  $(NOTEBOOKS)/bin/python notebooks/execute.py notebooks/explore.ipynb notebooks/train_by_hand.ipynb
	@set -a; . .local/env; PYTHONPATH=$(CURDIR)/layers METAFLOW_USER=$${USER:-nobody} $(FLOWS)/bin/python flows/train.py --quiet run
	@echo "the local cloud runs on; stop it with $(BIN)/lakeloop down"

test: terraform setup ## unit, contract, infra and end-to-end tests
	$(BIN)/pytest

test-long: terraform setup .local/venvs/bench/installed $(MLFLOW)/installed $(WANDB)/installed $(NOTEBOOKS)/installed $(FLOWS)/installed ## the longer proofs; prints when each last passed, and on which commit
	$(BIN)/pytest -m long

test-repeat: setup ## REPEAT=10 runs of the tests that use the local cloud and FULL=2 of all, half with both cores busy
	$(BIN)/python -m lakeloop.scripts.repeat_tests --runs $(or $(REPEAT),10) --full $(or $(FULL),2)

check: setup $(CHECKOV)/installed ## what can be said without running anything
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	terraform fmt -check -recursive infra bootstrap envs examples
	$(CHECKOV)/bin/checkov --directory infra --framework terraform --skip-download --quiet --compact
	$(CHECKOV)/bin/checkov --directory bootstrap --framework terraform --skip-download --quiet --compact

SAMPLE ?= 400
SEED ?= 1
mutants: setup .local/venvs/mutants/installed ## small faults that no test notices: PACKAGE=lakeloop.ingest SAMPLE=400 SEED=1 TESTS=tests/unit
	$(BIN)/python -m lakeloop.scripts.mutants --package $(PACKAGE) --sample $(SAMPLE) --seed $(SEED) $(if $(TESTS),--tests $(TESTS))

bench-tables: setup .local/venvs/bench/installed ## 765 real tables through inference and gate; ONLY=iris for some
	$(BIN)/python -m bench.tables --only "$(ONLY)"

bench-transform: setup .local/venvs/bench/installed ## the whole transform beside pandas, awswrangler and a pass that only reads: SIZES="1 50 500" MEMORY=2000
	$(BIN)/python -m bench.transform --sizes $(or $(SIZES),1 50 500) --memory $(or $(MEMORY),2000)

bench-burst: setup ## 2,000 small files at once through the local cloud: files a second, commits, calls a file
	$(BIN)/python -m bench.burst

bench-predict: setup ## what API Gateway and predict add to a direct InvokeEndpoint, one row and a hundred
	$(BIN)/python -m bench.predict --rounds $(or $(ROUNDS),300)

bench-upsert: setup ## time and memory of an upsert that touches all of main, by its size
	$(BIN)/python -m bench.upsert

bench-watch: setup ## what monitor's count takes for a prediction of 30 numbers, in microseconds of CPU
	$(BIN)/python -m bench.watch

simulate: setup ## thirty days of drift with the loop and without it: DATASET=breast_cancer DRIFT=covariate|label|sudden|none SEEDS=5
	POWERTOOLS_METRICS_NAMESPACE=simulate LOG_LEVEL=CRITICAL $(BIN)/python -m bench.simulate --dataset $(or $(DATASET),breast_cancer) --drift $(or $(DRIFT),sudden) --seeds $(or $(SEEDS),5)

cost-ingest: setup ## processor seconds, requests and dollars of a thousand small files, and of a million rows in one
	POWERTOOLS_METRICS_NAMESPACE=cost LOG_LEVEL=CRITICAL $(BIN)/python -m bench.cost

bench-memory: setup ## peak memory of the gate by table, at 20 and 100 MB
	$(BIN)/python -m bench.memory

fuzz: setup ## random tables against an independent reading: MINUTES=30 SEED=1
	$(BIN)/python -m bench.fuzz --minutes $(or $(MINUTES),30) --seed $(SEED)

package: setup ## the compiled contracts and the zips for AWS, below build/
	$(BIN)/lakeloop contract build
	$(BIN)/python -m lakeloop.scripts.build

# One folder for each environment, so that Terraform cannot remember the backend of another: infra/ with the backend beside it,
# and the contracts and packages where infra/ looks for them.
ENV_FOLDER = build/envs/$(ENV)
define environment
@test -f envs/$(ENV).tfvars || { echo "there is no envs/$(ENV).tfvars: name one of $(notdir $(basename $(wildcard envs/*.tfvars))), as in make plan ENV=dev" >&2; exit 1; }
@rm -f $(ENV_FOLDER)/infra/*.tf && mkdir -p $(ENV_FOLDER)/infra && ln -sfn $(CURDIR)/infra/*.tf $(CURDIR)/infra/modules $(CURDIR)/envs/backend.tf $(ENV_FOLDER)/infra/
@ln -sfn $(CURDIR)/datasets $(CURDIR)/build $(ENV_FOLDER)/
@terraform -chdir=$(ENV_FOLDER)/infra init -input=false -backend-config=$(CURDIR)/envs/$(ENV).s3.tfbackend
endef
VALUES = -var-file=$(CURDIR)/envs/$(ENV).tfvars -var git_sha=$(shell git rev-parse HEAD)

plan: terraform package ## what would change on AWS: ENV=dev
	$(environment)
	@terraform -chdir=$(ENV_FOLDER)/infra plan $(VALUES)

apply: terraform package ## bring an environment on AWS to what this checkout says: ENV=dev
	$(environment)
	@terraform -chdir=$(ENV_FOLDER)/infra apply $(VALUES)

cost: terraform package ## what an environment on AWS costs in a month, from its plan: ENV=dev PREDICTIONS=1000000 TRIALS=300
	$(environment)
	@terraform -chdir=$(ENV_FOLDER)/infra plan $(VALUES) -input=false -out=cost.tfplan >/dev/null
	@terraform -chdir=$(ENV_FOLDER)/infra show -json cost.tfplan | \
	  $(BIN)/python -m lakeloop.scripts.cost --predictions $(or $(PREDICTIONS),1000000) --trials $(or $(TRIALS),300)

wheel: setup ## the installable package, below build/wheel/
	$(BIN)/python -m hatchling build -t wheel -d build/wheel

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate
lock: setup ## hashed locks from the .in files
	$(COMPILE) requirements/uv.in -o requirements/uv.txt
	$(COMPILE) requirements/emulator.in -o requirements/emulator.txt
	$(COMPILE) requirements/mlflow.in -o requirements/mlflow.txt
	$(COMPILE) requirements/wandb.in -o requirements/wandb.txt
	$(COMPILE) requirements/notebooks.in -o requirements/notebooks.txt
	$(COMPILE) requirements/flows.in -o requirements/flows.txt
	$(COMPILE) requirements/checkov.in -o requirements/checkov.txt
	$(COMPILE) requirements/mutants.in -o requirements/mutants.txt
	$(COMPILE) requirements/bench.in -o requirements/bench.txt
	$(COMPILE) requirements/sagemaker2.in -o requirements/sagemaker2.txt
	$(COMPILE) requirements/sagemaker3.in -o requirements/sagemaker3.txt
	$(COMPILE) pyproject.toml requirements/dev.in -o requirements/dev.txt
	$(COMPILE) layers/runtime.in -c requirements/dev.txt -o layers/runtime.txt
	$(COMPILE) layers/data.in -c requirements/dev.txt -o layers/data.txt
	$(COMPILE) --no-deps layers/lake.in -c requirements/dev.txt -o layers/lake.txt

terminal-docs: setup ## docs/terminal.md and docs/operating.md, from the commands' own views
	$(BIN)/python -m lakeloop.scripts.terminal_docs
	$(BIN)/python -m lakeloop.scripts.operating_docs

contract-docs: setup ## docs/contract.md, from the contract's models and examples that a test runs
	$(BIN)/python -m lakeloop.scripts.contract_docs

clean: ## remove what can be made again; a running local cloud must be down
	rm -rf .venv .local .metaflow build
