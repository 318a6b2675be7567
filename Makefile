# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# make demo    play the demo playbook against the simulator
# make test    run every gate
# make exhaustive    run what goes beyond make test: full products, live services, browser, both ends of the cores
# make NAME    run one gate; make gates lists them
# make test-matrix   run sanity and the ends of all modules on every ansible-core whose Python is here (some: CORES=2.16)
# make bench   measure looks, waits and many tasks beside what people take otherwise, and write the page of benchmarks
# make docs    build the documentation as a site, and check that everything in it leads somewhere
# make format  rewrite the Python files as check-format wants them
# make release build the tarball of a release, check it, install it into an empty folder and play the demo from there
# make clean   remove what was made
# Needs Python >= 3.11 (another one: make PYTHON=python3.13 test), pip, make and git.
# Everything made lies under .build/.

PYTHON ?= python3

BUILD := .build
VENV := $(BUILD)/venv
NOX := $(VENV)/bin/nox
COLLECTIONS := $(BUILD)/collections
DEVELOPED := $(COLLECTIONS)/ansible_collections/taskwatch/infra
# In the order of make test: the quickest first, so that a slip is told early. Three run at a time on two cores, because
# most of them also wait.
GATES := check-format codeqa yamllint antsibull-nox-config workflows changelog license-check extra-checks typing docs \
  ansible-lint build integration sanity unit molecule awx faults eda
# What make exhaustive adds; none of it repeats what make test has run. The longest first, so that two at a time end
# together.
EXHAUSTIVE := exhaustive-cores exhaustive-integration live exhaustive-faults units contract exhaustive-awx \
  exhaustive-eda mitogen galaxy-importer exhaustive-molecule exhaustive-fuzz exhaustive-descriptions browser \
  simulator-install

# What a shell happens to hold must not decide what is checked, and no password in it may reach a test.
unexport PYTHONPATH PYTHONHOME PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE VIRTUAL_ENV GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE \
  X_AUTH_TOKEN $(filter ANSIBLE_% LXCA_% SDM_% VMWARE_% PRISMASASE_% REST_TASK_% NOX%,$(.VARIABLES))
# Ansible's caches stay out of the home folder.
export ANSIBLE_HOME := $(CURDIR)/$(BUILD)/ansible

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test exhaustive release python venv link tree gates format $(GATES) $(EXHAUSTIVE) test-matrix bench clean

help:
	@sed -n 's/^# \(make \)/\1/p' Makefile

demo: python
	@$(PYTHON) tests/tools/environment.py $(BUILD)/demo/venv tests/tools/demo-requirements.txt
	@$(BUILD)/demo/venv/bin/python tests/tools/demo.py

test: tree
	@$(NOX) -j 3 -s $(GATES) --report $(BUILD)/gates.json

exhaustive: tree
	@$(NOX) -j 2 -s $(EXHAUSTIVE) --report $(BUILD)/exhaustive.json

# A gate's command stands in noxfile.py or antsibull-nox.toml, and nowhere else
format $(GATES) $(EXHAUSTIVE) test-matrix: tree
	@$(NOX) -s $@ -- $(CORES)

release: tree
	@$(NOX) -s $@

gates: tree
	@$(NOX) -l

python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is not there; name a Python 3.11 or newer, for example: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is Python %d.%d and 3.11 or newer \
	is needed; name one, for example: make PYTHON=python3.12" % sys.version_info[:2])'

venv: python
	@$(PYTHON) tests/tools/environment.py $(VENV) tests/requirements.txt

# The repository seen as an installed collection, so that imports and playbooks find it by its full name
link:
	@mkdir -p $(dir $(DEVELOPED))
	@ln -sfn $(CURDIR) $(DEVELOPED)

tree: venv link

# The collection from this checkout, in an environment that no other target shares: the peers are large
bench: python link
	@$(PYTHON) tests/tools/environment.py $(BUILD)/bench/venv tests/bench/requirements.txt
	@PYTHONPATH=$(COLLECTIONS) $(BUILD)/bench/venv/bin/python -m tests.bench

clean:
	rm -rf $(BUILD)
