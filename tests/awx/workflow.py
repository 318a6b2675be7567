# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows as AWX runs them: node by node under its engine, artifacts handed on, and the colour at the end.

Source: AWX 24.6.1, awx/main/scheduler/dag_workflow.py (bfs_nodes_to_run, has_workflow_failed) and
awx/main/models/workflow.py (get_job_kwargs: artifacts of the nodes before, then the node, then the workflow's answers).
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskwatch_simulator.embedded import Simulator

from .data import JOB_TEMPLATES, WORKFLOWS
from .engine import Job, events_of, finish, lay_out, looked_after, wait_until

BY_TITLE = {template["name"]: name for name, template in JOB_TEMPLATES.items()}
SUCCESSFUL, FAILED, CANCELED = "successful", "failed", "canceled"


@dataclass(frozen=True)
class Played:
    """A node, how its job ended, what it handed on, the sentences of its failures, and all that it printed."""

    node: str
    status: str
    artifacts: dict[str, Any]
    sentences: list[str]
    said: str


@dataclass
class Run:
    """A workflow on its way."""

    nodes: list[Played] = field(default_factory=list)
    artifacts: dict[str, Any] = field(default_factory=dict)
    unhandled: bool = False

    @property
    def colour(self) -> str:
        """The status that AWX shows: a failed node counts unless a path leads on from its failure."""
        return FAILED if self.unhandled else SUCCESSFUL

    @property
    def path(self) -> list[tuple[str, str]]:
        """Each node with how it ended."""
        return [(each.node, each.status) for each in self.nodes]

    def last(self) -> Played:
        """Return the node that was played last."""
        return self.nodes[-1]


@dataclass(frozen=True)
class Controller:
    """Managers, each a simulator of its own, and the folder that jobs are laid out in."""

    folder: Path
    managers: Mapping[str, Simulator]
    limit: str | None = None

    def play(
        self,
        template: str,
        variables: Mapping[str, Any],
        *,
        hosts: Sequence[str] = (),
        cancel_when: Callable[[Job], bool] | None = None,
    ) -> Played:
        """Play a job; it is cancelled as soon as `cancel_when` is true of it."""
        room = self.folder / f"job{len(list(self.folder.iterdir()))}"
        limit = ",".join(hosts) or self.limit
        first = next(iter(self.managers.values()))
        job = lay_out(room, template, first, variables, managers=self.managers, limit=limit)
        with looked_after() as begun:
            begun["job"] = process = job.run()
            if cancel_when is not None:
                wait_until(lambda: cancel_when(job))
                process.send_signal(signal.SIGTERM)
            said = finish(process)
        events = events_of(room)
        failures = [event["event_data"]["res"].get("msg", "") for event in events.of("runner_on_failed")]
        artifacts = events.artifacts() if events.of("playbook_on_stats") else {}
        lines = "\n".join(str(event["stdout"]) for event in events.events)
        return Played(template, events.status or CANCELED, artifacts, failures, lines + said)

    def work(
        self,
        name: str,
        answers: Mapping[str, Any],
        *,
        sliced: str = "",
        cancel: tuple[str, Callable[[Job], bool]] | None = None,
        since: tuple[str, Mapping[str, Any]] | None = None,
    ) -> Run:
        """Play a workflow to its end.

        Of the sliced node there is one job per host; their artifacts are merged. `since` names the node to begin with,
        and what those before it have handed on.
        """
        nodes = {node["identifier"]: node for node in WORKFLOWS[name]["nodes"]}
        first, artifacts = since or (WORKFLOWS[name]["nodes"][-1]["identifier"], {})
        run, ahead = Run(artifacts=dict(artifacts)), [first]
        while ahead:
            node = nodes[ahead.pop(0)]
            variables = {**run.artifacts, **node.get("extra_data", {}), **answers}
            slices = [[host] for host in self.managers] if sliced == node["identifier"] else [[]]
            when = cancel[1] if cancel and cancel[0] == node["identifier"] else None
            template = BY_TITLE[node["job_template"]]
            ended = [self.play(template, variables, hosts=each, cancel_when=when) for each in slices]
            for each in ended:
                run.artifacts.update(each.artifacts)
            worst = next((each for each in ended if each.status != SUCCESSFUL), ended[0])
            run.nodes.append(Played(node["identifier"], worst.status, worst.artifacts, worst.sentences, worst.said))
            kinds = ["success_nodes" if worst.status == SUCCESSFUL else "failure_nodes", "always_nodes"]
            led_to = [each for kind in kinds for each in node.get(kind, [])]
            run.unhandled |= worst.status != SUCCESSFUL and not led_to
            ahead += led_to
        return run
