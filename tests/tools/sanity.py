# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-test sanity on a copy of the tree, with the ansible-core of this Python's environment.

ansible-test keeps its environments under the home folder and hides the caller's variables from pip; so it
gets a home of its own below .build, which holds pip's settings as a file.

Usage: sanity.py [ARGUMENT OF ansible-test sanity ...]
"""

from __future__ import annotations

import ast
import configparser
import importlib.util
import os
import re
import runpy
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

HOME = Path(".build/home").absolute()
TREE = Path(".build/sanity/ansible_collections/taskwatch/infra")
STAND_IN = Path(__file__).with_name("get_pip.py")
DOWNLOAD_TIMEOUT = 10
# ansible-test only warns then, and exits with 0.
NOTHING_CHECKED = "All targets skipped"
CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def keep_pip_settings() -> None:
    """Write the pip settings in force, from variables or files, to the home that ansible-test sees."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    settings = configparser.RawConfigParser()
    settings.add_section("global")
    # pip lists variables first, and they outrank files.
    for line in reversed(listed.splitlines()):
        name, value = line.split("=", 1)
        section, key = name.replace(":env:", "global").split(".", 1)
        if section not in settings:
            settings.add_section(section)
        settings[section][key] = ast.literal_eval(value)
    for variable in CERTIFICATE_VARIABLES:
        if os.environ.get(variable):
            settings["global"].setdefault("cert", os.environ[variable])
    settings["global"]["quiet"] = "2"  # errors only; the installations are not what is being checked
    path = HOME / ".config/pip/pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # an index address may hold a password
    with path.open("w", encoding="utf-8") as file:
        settings.write(file)


def installed_ansible_test() -> Path:
    """Return the folder of the ansible-test that belongs to this Python."""
    found = importlib.util.find_spec("ansible_test")
    if found is None or not found.submodule_search_locations:
        sys.exit("ansible-test is not installed beside this Python; run make sanity.")
    return Path(found.submodule_search_locations[0])


def interpreter(version: str) -> Path | None:
    """Return a Python of this version that can make environments, or None if the machine has none."""
    found = shutil.which(f"python{version}")
    if not found:
        return None
    # pyenv puts a shim for every installed version into PATH, also for those that are switched off.
    behind = Path(found).parent.parent.glob(f"versions/{version}.*/bin/python{version}")
    for candidate in (Path(found), *behind):
        probe = [str(candidate), "-c", "import ensurepip, venv"]
        if subprocess.run(probe, check=False, capture_output=True).returncode == 0:
            return candidate
    return None


def interpreters(package: Path) -> dict[str, Path]:
    """Return the machine's Pythons that ansible-test supports; plugins are compiled and imported on each."""
    constants = runpy.run_path(str(package / "_util/target/common/constants.py"))
    supported = [*constants["REMOTE_ONLY_PYTHON_VERSIONS"], *constants["CONTROLLER_PYTHON_VERSIONS"]]
    return {version: path for version in supported if (path := interpreter(version))}


def bootstrap_scripts(package: Path) -> dict[Path, str]:
    """Return where ansible-test looks for pip's bootstrap scripts, each with its download address."""
    installer = (package / "_util/target/setup/requirements.py").read_text(encoding="utf-8")
    versions = (package / "_internal/python_requirements.py").read_text(encoding="utf-8")
    address = re.search(r"url = '([^']+)' % pip_version", installer)
    cached = re.search(r"expanduser\('~/([^']+)' % pip_version", installer)
    if not address or not cached:
        sys.exit("This ansible-test names its bootstrap script in a new way; tests/tools/sanity.py must learn it.")
    return {
        HOME / cached[1].replace("%s", version.replace(".", "_")): address[1].replace("%s", version)
        for version in re.findall(r"\bpip='([\d.]+)'", versions)
    }


def provide_bootstrap(package: Path) -> None:
    """Fill ansible-test's cache: with the original script, or with the stand-in where it cannot be had."""
    for path, address in bootstrap_scripts(package).items():
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with urllib.request.urlopen(address, timeout=DOWNLOAD_TIMEOUT) as answer:  # noqa: S310
                path.write_bytes(answer.read())
        except OSError as error:
            print(
                f"pip's bootstrap script cannot be downloaded ({error}); Python's own pip stands in.",
                flush=True,
            )
            shutil.copyfile(STAND_IN, path)


def main() -> int:
    """Run ansible-test and return its exit code."""
    keep_pip_settings()
    package = installed_ansible_test()
    provide_bootstrap(package)
    subprocess.run([sys.executable, Path(__file__).with_name("copy_tree.py"), TREE], check=True)
    pythons = interpreters(package)
    print("Pythons for the plugins:", *pythons, flush=True)
    tools = Path(sys.executable).parent
    # ansible-test makes environments from what PATH holds, and stumbles over shims that lead nowhere.
    search = [str(path) for path in (tools, *(path.parent for path in pythons.values()))]
    environment = {**os.environ, "HOME": str(HOME), "PATH": os.pathsep.join([*search, os.environ["PATH"]])}
    versions = [f"--target-python={version}" for version in pythons]
    return watch([str(tools / "ansible-test"), "sanity", "--color", "no", *versions, *sys.argv[1:]], environment)


def watch(command: list[str], environment: dict[str, str]) -> int:
    """Run ansible-test, its output passed on line by line, and return its exit code."""
    nothing_checked = False
    with subprocess.Popen(
        command, cwd=TREE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            nothing_checked = nothing_checked or NOTHING_CHECKED in line
            print(line, end="", flush=True)
    if nothing_checked:
        print("ansible-test has found no file to check; that is no success.", file=sys.stderr)
    return process.returncode or int(nothing_checked)


if __name__ == "__main__":
    sys.exit(main())
