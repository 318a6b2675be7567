# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# make demo    play the demo playbook against the simulator
# make test    run every check
# make NAME    run one of them: check-format lint types yamllint changelog licences unit ansible-lint build sanity integration faults
# make bench   measure looks, waits and many tasks beside what people take otherwise, and write the page of benchmarks
# make format  rewrite the Python files as check-format wants them
# make clean   remove what was made
# Needs Python >= 3.11 (another one: make PYTHON=python3.13 test), pip, make and git. Everything made lies under .build/.

PYTHON ?= python3

BUILD := .build
VENV := $(BUILD)/venv
PY := $(VENV)/bin/python
STAGE := $(PYTHON) tests/tools/stage.py
DIST := $(BUILD)/dist
COLLECTIONS := $(BUILD)/collections
DEVELOPED := $(COLLECTIONS)/ansible_collections/taskwatch/infra
SOURCES := plugins tests $(wildcard extensions)
VERSION = $(shell sed -n 's/^version: *//p' galaxy.yml)

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# What a shell happens to hold must not decide what is checked, and no password in it may reach a test.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE X_AUTH_TOKEN \
  $(filter ANSIBLE_% LXCA_% SDM_% VMWARE_% PRISMASASE_%,$(.VARIABLES))
# Ansible's caches stay out of the home folder.
export ANSIBLE_HOME := $(CURDIR)/$(BUILD)/ansible

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test begin python venv tree format check-format lint types yamllint changelog licences unit ansible-lint \
  build sanity integration faults bench clean

help:
	@sed -n 's/^# \(make \)/\1/p' Makefile

demo: python
	@$(PYTHON) tests/tools/environment.py $(BUILD)/demo/venv tests/tools/demo-requirements.txt
	@$(BUILD)/demo/venv/bin/python tests/tools/demo.py

test: begin check-format lint types yamllint changelog licences unit ansible-lint build sanity integration faults
	@$(STAGE) --end

begin: python
	@$(STAGE) --begin

python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is not there; name a Python 3.11 or newer, for example: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is Python %d.%d and 3.11 or newer \
	is needed; name one, for example: make PYTHON=python3.12" % sys.version_info[:2])'

venv: python
	@$(PYTHON) tests/tools/environment.py $(VENV) tests/requirements.txt

# The repository seen as an installed collection, so that imports and playbooks find it by its full name
tree: venv
	@mkdir -p $(dir $(DEVELOPED))
	@ln -sfn $(CURDIR) $(DEVELOPED)

format: venv
	ruff check --select I --fix $(SOURCES)
	ruff format $(SOURCES)

check-format: venv
	@$(STAGE) "format (ruff)" ruff format --check $(SOURCES)

lint: venv
	@$(STAGE) "lint (ruff)" ruff check $(SOURCES)

types: tree
	@$(STAGE) "types of plugins (mypy)" mypy --python-version 3.10 $(DEVELOPED)/plugins \
	  $(addprefix $(DEVELOPED)/,$(wildcard extensions))
	@$(STAGE) "types of tests (mypy)" mypy tests

yamllint: venv
	@$(STAGE) "YAML (yamllint)" yamllint --strict .

changelog: venv
	@$(STAGE) "changelog (antsibull-changelog)" antsibull-changelog lint

licences: venv
	@$(STAGE) "licences (REUSE)" reuse lint --lines

unit: tree
	@$(STAGE) "unit tests (pytest)" $(PY) -m pytest tests/unit -q -n auto

ansible-lint: tree
	@$(STAGE) "playbooks and collection (ansible-lint)" env ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(COLLECTIONS) ansible-lint --nocolor

build: venv
	@rm -rf $(DIST)
	@$(STAGE) "build (ansible-galaxy)" ansible-galaxy collection build --output-path $(DIST)
	@$(STAGE) "tarball's file list" $(PY) tests/tools/check_tarball.py $(DIST)/taskwatch-infra-$(VERSION).tar.gz

sanity: venv
	@$(STAGE) "sanity (ansible-test)" $(PY) tests/tools/sanity.py

# Whatever is not a unit test, so that a new folder of tests is run from its first day
# Most of their time is waiting, so more workers than cores; tests of one class share one playbook's run
integration: tree
	@$(STAGE) "integration tests (pytest)" $(PY) -m pytest tests/integration -q -n 4 --dist loadscope

faults: tree
	@$(STAGE) "fault matrix and soak (pytest)" $(PY) -m pytest tests/faults -q -n 6

# The collection from this checkout, in an environment that no other target shares: the peers are large
bench: python
	@$(PYTHON) tests/tools/environment.py $(BUILD)/bench/venv tests/bench/requirements.txt
	@mkdir -p $(dir $(DEVELOPED))
	@ln -sfn $(CURDIR) $(DEVELOPED)
	@PYTHONPATH=$(COLLECTIONS) $(BUILD)/bench/venv/bin/python -m tests.bench

clean:
	rm -rf $(BUILD)
