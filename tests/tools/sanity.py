# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-test sanity on a copy of the tree, or on a tarball, with the ansible-core of this Python's environment.

ansible-test keeps its environments under the home folder and hides the caller's variables from pip; so it
gets a home of its own below .build, which holds pip's settings as a file.

Usage: python -m tests.tools.sanity [--few] [--tarball FILE] [ARGUMENT OF ansible-test sanity ...]

It takes every Python of the machine; with --few the oldest one that plugins run on and the one that runs this program.
"""

from __future__ import annotations

import argparse
import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.tools import ansible_test

HOME = ansible_test.BUILD / "home"
STAND_IN = Path(__file__).with_name("get_pip.py")
DOWNLOAD_TIMEOUT = 10
# A line of a requirements file that names no release but a file somewhere
ARCHIVE = re.compile(r"^((\S+) @ (https://\S+))$", re.MULTILINE)
# One thread of its own takes as long for it as for all other tests, their environments included
LONGEST = "pylint"
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


def bootstrap_scripts(package: Path) -> dict[str, tuple[Path, str]]:
    """Return by version of pip where ansible-test looks for its bootstrap script, and the script's address."""
    installer = (package / "_util/target/setup/requirements.py").read_text(encoding="utf-8")
    versions = (package / "_internal/python_requirements.py").read_text(encoding="utf-8")
    address = re.search(r"url = '([^']+)' % pip_version", installer)
    cached = re.search(r"expanduser\('~/([^']+)' % pip_version", installer)
    if not address or not cached:
        sys.exit("This ansible-test names its bootstrap script in a new way; tests/tools/sanity.py must learn it.")
    return {
        version: (HOME / cached[1].replace("%s", version.replace(".", "_")), address[1].replace("%s", version))
        for version in re.findall(r"\bpip='([\d.]+)'", versions)
    }


def provide_bootstrap(package: Path) -> None:
    """Fill ansible-test's cache: with the original script, or with the stand-in where it cannot be had."""
    for version, (path, address) in bootstrap_scripts(package).items():
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with urllib.request.urlopen(address, timeout=DOWNLOAD_TIMEOUT) as answer:  # noqa: S310
                path.write_bytes(answer.read())
        except OSError as error:
            print(f"pip's bootstrap script cannot be downloaded ({error}); pip's wheel stands in.", flush=True)
            download = ["download", "-qq", "--no-deps", "--only-binary=:all:", "--dest", str(path.parent)]
            subprocess.run([sys.executable, "-m", "pip", *download, f"pip=={version}"], check=True)
            shutil.copyfile(STAND_IN, path)


def replace_archives(package: Path) -> None:
    """Let a release stand in for each archive that a pre-release of ansible-test wants from where it cannot be had."""
    for path in (package / "_data/requirements").glob("sanity.*.txt"):
        text = path.read_text(encoding="utf-8")
        for line, name, address in ARCHIVE.findall(text):
            try:
                with urllib.request.urlopen(address, timeout=DOWNLOAD_TIMEOUT):  # noqa: S310
                    continue
            except OSError as error:
                print(f"{address} cannot be had ({error}); the newest release of {name} stands in.", flush=True)
                text = text.replace(line, name)
        path.write_text(text, encoding="utf-8")


def few(pythons: Mapping[str, Path]) -> dict[str, Path]:
    """Return the oldest Python that plugins run on, and the one of the controller."""
    usual = f"{sys.version_info.major}.{sys.version_info.minor}"
    (oldest, *_others) = [version for version in pythons if tuple(map(int, version.split("."))) >= ansible_test.OLDEST]
    return {version: path for version, path in pythons.items() if version in {oldest, usual}}


def main() -> int:
    """Run ansible-test and return its exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tarball", type=Path)
    parser.add_argument("--few", action="store_true")
    asked, wanted = parser.parse_known_args()
    keep_pip_settings()
    provide_bootstrap(ansible_test.package())
    replace_archives(ansible_test.package())
    pythons = few(ansible_test.interpreters()) if asked.few else ansible_test.interpreters()
    print("Pythons for the plugins:", *pythons, flush=True)
    search = [path.parent for path in pythons.values()]

    def run(part: tuple[str, list[str]]) -> int:
        name, arguments = part
        arguments = ["sanity", *(f"--target-python={version}" for version in pythons), *arguments]
        folder = ansible_test.installed(asked.tarball, name) if asked.tarball else ansible_test.tree(name)
        return ansible_test.run(arguments, folder, {"HOME": str(HOME)}, *search)

    if wanted:
        return run(("sanity", wanted))
    parts = [("sanity", ["--skip-test", LONGEST]), ("sanity-longest", ["--test", LONGEST])]
    with ThreadPoolExecutor() as side_by_side:
        return max(side_by_side.map(run, parts))


if __name__ == "__main__":
    sys.exit(main())
