# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve a scenario until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import signal
import sys
import tempfile
from pathlib import Path

from .identity import write_ca
from .ready import ready_data, write_ready
from .record import recorded
from .scenario import Scenario, ScenarioError, load, shipped
from .schema import schema_text
from .server import Server, ServerError, loopback
from .world import World

USAGE_ERROR = 2
HIGHEST_BASE = 65535 - 4


def _speed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"expected a number greater than 0, such as 10 or 0.5, not {text!r}")
    return value


def _port_base(text: str) -> int:
    value = int(text) if text.isdecimal() else -1
    if not 0 <= value <= HIGHEST_BASE:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {HIGHEST_BASE}, not {text!r}")
    return value


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="taskwatch-simulator", description=__doc__)
    parser.add_argument("--scenario", default="demo", help=f"{', '.join(shipped())}, or a YAML file (default: demo)")
    parser.add_argument("--speed", type=_speed, default=1.0, help="simulated seconds per second (default: 1)")
    parser.add_argument("--bind", default="127.0.0.1", help="loopback address (default: 127.0.0.1)")
    parser.add_argument(
        "--port-base", type=_port_base, default=0, help="first of five ports in a row (default: 0, any free ones)"
    )
    parser.add_argument("--ready-file", type=Path, help="JSON file written when everything listens")
    parser.add_argument("--plain", action="store_true", help="HTTP instead of HTTPS")
    parser.set_defaults(run=_run)
    commands = parser.add_subparsers(title="other commands", metavar="COMMAND")
    check = commands.add_parser("check", help="tell every mistake of a scenario")
    check.add_argument("file", help="YAML file")
    check.set_defaults(run=_check)
    record = commands.add_parser("record", help="write a scenario from results of real waits")
    record.add_argument("file", help="JSON file with results of modules, best with include_raw: true")
    record.set_defaults(run=_record)
    commands.add_parser("schema", help="write the JSON Schema of scenarios").set_defaults(run=_schema)
    return parser.parse_args(argv)


async def _serve(arguments: argparse.Namespace, scenario: Scenario, folder: Path) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    world = World(scenario, speed=arguments.speed, plain=arguments.plain)
    server = Server(world, arguments.bind, arguments.port_base, plain=arguments.plain)
    await server.start()
    try:
        if arguments.ready_file is not None:
            # Left behind by a run that was killed, it would send a waiting script to ports that no longer exist
            with contextlib.suppress(OSError):
                arguments.ready_file.unlink(missing_ok=True)
        ready = ready_data(server, None if arguments.plain else write_ca(folder))
        for name, system in ready["systems"].items():
            sys.stdout.write(f"{name} on {system['hostname']} port {system['port']}\n")
        sys.stdout.write(f"rehearsal page and control API on {server.control_url}\n")
        sys.stdout.flush()
        if arguments.ready_file is not None:
            try:
                write_ready(arguments.ready_file, ready)
            except OSError as error:
                raise ServerError(f"{arguments.ready_file} cannot be written: {error.strerror}") from None
        await stopped.wait()
    finally:
        await server.stop()
        if arguments.ready_file is not None:
            with contextlib.suppress(OSError):
                arguments.ready_file.unlink(missing_ok=True)


def _check(arguments: argparse.Namespace) -> int:
    load(arguments.file)
    sys.stdout.write(f"{arguments.file}: no mistakes\n")
    return 0


def _record(arguments: argparse.Namespace) -> int:
    sys.stdout.write(recorded(Path(arguments.file)))
    return 0


def _schema(_arguments: argparse.Namespace) -> int:
    sys.stdout.write(schema_text())
    return 0


def _run(arguments: argparse.Namespace) -> int:
    loopback(arguments.bind)
    scenario = load(arguments.scenario)
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
        asyncio.run(_serve(arguments, scenario, Path(folder)))
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code."""
    arguments = _arguments(argv)
    try:
        return int(arguments.run(arguments))
    except (ScenarioError, ServerError) as error:
        sys.stderr.write(f"{error}\n")
        return USAGE_ERROR
