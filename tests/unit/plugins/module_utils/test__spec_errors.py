# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that do not fit an argument spec: one sentence that names the option, its variable and the nearest name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.taskwatch.infra.plugins.module_utils._module import TaskModule
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.module_utils._spec_errors import spec_error
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import LOGIN, NEEDED
from hypothesis import given
from hypothesis import strategies as st

NAME = "taskwatch.infra.appliance_update_info"


def sentence(**options: Any) -> str | None:
    error = spec_error(NAME, ApplianceUpdate.ARGUMENT_SPEC, options)
    return None if error is None else error.message


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"wiat": True}, f"wiat (did you mean wait?) is not an option of {NAME}"),
        ({"Wait_Timeout": 5}, f"Wait_Timeout (did you mean wait_timeout?) is not an option of {NAME}"),
        ({"usrname": "x", "username": None}, f"usrname (did you mean username?) is not an option of {NAME}"),
        ({"wiat": True, "prot": 1}, f"prot (did you mean port?), wiat (did you mean wait?) are not options of {NAME}"),
        (
            {"wait_for": "instaled"},
            "wait_for must be one of idle, staged, installed, not 'instaled'; did you mean installed?",
        ),
        ({"port": "abc"}, "port must be of type int, not 'abc'"),
        ({"wait": "perhaps"}, "wait must be of type bool, not 'perhaps'"),
        ({"wait": "s3cret-password"}, "wait must be of type bool, not '********'"),
        ({}, None),
        ({"_ansible_verbosity": 3}, None),
    ],
)  # fmt: skip
def test_each_fault_is_one_sentence(options: dict[str, Any], expected: str | None) -> None:
    assert sentence(**{**LOGIN, **options}) == expected


def test_a_name_like_no_option_is_told_with_those_there_are() -> None:
    said = sentence(**LOGIN, xyzzy=1)
    assert said is not None
    assert said.startswith(f"xyzzy is not an option of {NAME}; it takes api, ca_path, ")


def test_a_missing_option_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VMWARE_HOST", "vcenter.example.com")
    monkeypatch.setenv("VMWARE_USER", " ")
    assert sentence() == (
        "username (environment variable VMWARE_USER), password (environment variable VMWARE_PASSWORD) are missing"
    )


def test_a_value_of_the_environment_is_told_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VMWARE_PORT", "abc")
    assert sentence(**LOGIN) == "port (environment variable VMWARE_PORT) must be of type int, not 'abc'"


@given(st.dictionaries(st.text(min_size=1), st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text()))))
def test_any_options_are_right_or_one_sentence(options: dict[str, Any]) -> None:
    error = spec_error(NAME, ApplianceUpdate.ARGUMENT_SPEC, {**LOGIN, **options})
    if error is not None:
        assert error.kind.value == "bad_request"
        assert "s3cret-password" not in error.message


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_module_fails_with_the_payload(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with patch_module_args({**NEEDED[name], "wiat": True}), pytest.raises(SystemExit) as left:
        TaskModule(SYSTEMS[name])
    printed = json.loads(capfd.readouterr().out)
    assert left.value.code == 1
    assert printed["msg"] == f"wiat (did you mean wait?) is not an option of taskwatch.infra.{name}"
    assert (printed["failed"], printed["error"]["type"], printed["state"]) == (True, "bad_request", "unknown")
    assert {"tasks", "stats", "counts", "done", "elapsed", "progress", *SYSTEMS[name].EXTRAS} <= printed.keys()
