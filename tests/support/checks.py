# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must hold for every case, whatever it is about: a base class for the test files that play cases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .modules import MODULES, Module
from .payload import FINISHED, STATES, payload_faults
from .rehearsal import IN_PROCESS, MODULE, Case, Outcome, Rehearsal, at

# Return values that a module has beside those of all
EXTRAS: Mapping[str, frozenset[str]] = {
    "element_image_status_info": frozenset({"envelope"}),
    "rest_task_info": frozenset({"samples"}),
}
# What Ansible itself adds to a registered result
ANSIBLE = frozenset({"failed", "msg", "exception", "warnings", "deprecations", "ansible_facts", "ansible_parsed"})
# Of that, what ansible-core 2.22 adds to what comes out of a module's process alone
OF_MODULES = frozenset({"exception", "ansible_parsed"})
# What two runs of the same case cannot have in common: moments, and how often there was time to poll
MOMENTS = frozenset(
    [
        *("elapsed", "eta", "polls", "requests", "retries", "unreachable_seconds", "time_spent"),
        *("_content_length", "_created_on_utc", "_updated_on_utc", "_request_id", "software_version_change_time"),
    ]
)
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\w.:+-]*|\d\d-\d\d-\d{4} \d\d:\d\d:\d\d|(?<=repository)\d{14}")
SECONDS = re.compile(r"\b\d+ s\b")
# Of a result that was cut: moments in it have more or fewer digits
SIZE = re.compile(r"\d+ characters")
# The excerpt of an answer that cannot be decoded holds moments that no pattern finds
UNDECODED = re.compile(r"'[^']*\ufffd[^']*'")
# Ansible lists these as they lie in a set
BOOLEANS = re.compile(r"(?<=Valid booleans include: ).*")
MOMENT_TEXTS = {DATE: "DATE", SECONDS: "N s", BOOLEANS: "...", SIZE: "N characters", UNDECODED: "'...'"}


Applies = Callable[[Module, str, Case], bool]
Check = TypeVar("Check", bound=Callable[..., None])


def only(applies: Applies) -> Callable[[Check], Check]:
    """Let a check be an item of those modules, modes and cases alone for which it can fail."""

    def mark(check: Check) -> Check:
        check.applies = applies  # type: ignore[attr-defined]
        return check

    return mark


class Checks:
    """Judges every case of the file in which a subclass is defined; that file has a function `cases`.

    It is written into a file's names with ``globals().update(classes_of(Subclass))``.
    """

    def test_result_is_as_expected(self, outcome: Outcome, case: Case) -> None:
        """Whatever the case says of its result."""
        wanted = {"failed": False, "changed": False, **case.expected}
        found = {path: at(outcome.result, path) for path in wanted}
        assert found == wanted, outcome.result

    def test_payload_is_complete(self, outcome: Outcome, module: Module) -> None:
        """Every end has the same keys, all the way down, and they agree with each other."""
        result = outcome.result
        own = {key: value for key, value in result.items() if key not in ANSIBLE}
        assert payload_faults(own, EXTRAS.get(module.name, ())) == []
        for task in result["tasks"]:
            assert task["done"] == (task["state"] in FINISHED)
            assert task["succeeded"] == (task["state"] == "succeeded")
            assert states_of(task["steps"]) <= set(STATES)
        states = [task["state"] for task in result["tasks"]]
        assert result["counts"] == Counter(states)
        assert result["state"] == next((state for state in STATES if state in states), "unknown")
        assert (result["error"] is not None) == result["failed"]
        if result["failed"]:
            assert result["msg"] == result["error"]["message"]

    @only(lambda _module, _mode, case: bool(case.expected.get("failed")))
    def test_message_is_one_sentence(self, outcome: Outcome, module: Module, case: Case) -> None:
        """A person can act on it: what, where and why, on one line."""
        message = outcome.result["msg"]
        assert "\n" not in message
        assert "Traceback" not in message
        assert "defect" not in message
        assert all(text in message for text in case.says), message
        if outcome.requests:
            assert message.startswith(module.title)

    def test_one_login_and_one_logout(self, outcome: Outcome, module: Module, case: Case) -> None:
        """The simulator has seen as many logins as the case says, and as many logouts, and no session is left."""
        assert not any(outcome.sessions.values())
        if case.logins is None:
            return
        asked = Counter(outcome.asked())
        assert {request: asked[request] for request in module.login} == dict.fromkeys(module.login, case.logins)
        assert asked[module.logout] == case.logins

    def test_no_secret_is_shown(self, rehearsal: Rehearsal) -> None:
        """Not in the results, and not in what Ansible prints at -vvv."""
        told = rehearsal.output + str([outcome.result for outcome in rehearsal.outcomes.values()])
        assert not [secret for secret in rehearsal.secrets if secret in told]

    def test_no_traceback_is_shown(self, rehearsal: Rehearsal) -> None:
        """Whatever went wrong."""
        assert "Traceback (most recent call last)" not in rehearsal.output

    def test_both_modes_agree(self, rehearsal: Rehearsal, case_name: str) -> None:
        """In the controller's process and as a module: the same keys and values."""
        ours, modules = (without_moments(rehearsal.outcomes[mode, case_name].result) for mode in (IN_PROCESS, MODULE))
        for result in (ours, modules):
            for name in OF_MODULES & result.keys():
                del result[name]
        assert ours == modules


def classes_of(base: type[Checks], modules: Iterable[Module] = MODULES) -> dict[str, type[Checks]]:
    """Return one test class per module; tests of a class stay together, so each rehearsal is played once."""
    made = {}
    for module in modules:
        name = "Test" + "".join(part.title() for part in module.name.split("_"))
        made[name] = type(name, (base,), {"MODULE": module, "__module__": base.__module__, "__doc__": base.__doc__})
    return made


def states_of(steps: list[dict[str, Any]]) -> set[str]:
    """Return the states of steps and of all steps below them."""
    return {step["state"] for step in steps}.union(*(states_of(step["steps"]) for step in steps))


def without_moments(value: Any) -> Any:
    """Return a result without what only depends on when it was asked for; the keys stay."""
    if isinstance(value, dict):
        return {key: None if key in MOMENTS else without_moments(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_moments(item) for item in value]
    if isinstance(value, str):
        for pattern, instead in MOMENT_TEXTS.items():
            value = pattern.sub(instead, value)
    return value
