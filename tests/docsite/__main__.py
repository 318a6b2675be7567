# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lint the documentation, build the site, and check that everything in it leads somewhere. Nothing is fetched.

Exits with the code of the program that failed, or with 1 when a link inside the site is broken.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from .links import broken

ROOT = Path(__file__).parents[2]
BUILD = ROOT / ".build/docs"
SOURCE, SITE = BUILD / "rst", BUILD / "html"
GUIDES = ROOT / "docs/docsite"
TOOLS = Path(sys.executable).parent
COLLECTIONS = ROOT / ".build/collections"
NAME = "taskwatch.infra"
# antsibull-docs makes a page of variables that plugins declare; modules cannot, so it would be empty. A guide has them.
EMPTY_PAGE = "environment_variables"
CONTENTS = re.compile(r"^\.\. contents::\n(?:   .*\n)*", re.MULTILINE)
PROJECT = {
    "Source": "https://github.com/taskwatch/infra",
    "Issues": "https://github.com/taskwatch/infra/issues",
    "Release notes": "https://github.com/taskwatch/infra/blob/main/CHANGELOG.rst",
}


def run(*command: str | Path) -> None:
    """Run a program of this environment.

    Raises:
        CalledProcessError: when it fails.
    """
    variables = {
        **os.environ,
        "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_HOME": str(BUILD / "ansible"),
    }
    subprocess.run([TOOLS / command[0], *command[1:]], cwd=BUILD, env=variables, check=True)


def lint() -> None:
    """Check guides and modules as hubs do, which demand more of them than a site needs."""
    tree = COLLECTIONS / "ansible_collections" / NAME.replace(".", "/")
    run("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--check-extra-docs-refs", tree)


def write_pages() -> None:
    """Write the pages of the modules, with the guides beside them."""
    for folder in (SOURCE, SITE):
        shutil.rmtree(folder, ignore_errors=True)
    SOURCE.mkdir(mode=0o755, parents=True)
    settings = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--cleanup", "everything")
    run("antsibull-docs", "collection", *settings, "--dest-dir", SOURCE, NAME)
    # antsibull-docs takes the texts alone
    shutil.copytree(GUIDES / "rst/images", SOURCE / "docsite/images")
    (SOURCE / f"{EMPTY_PAGE}.rst").unlink()
    # The theme has the contents of a page in its margin
    for page in SOURCE.glob("*_module.rst"):
        text = page.read_text(encoding="utf-8")
        page.write_text(CONTENTS.sub("", text), encoding="utf-8")
    # Its tables of contents are on our first page, and should not be in the margin twice
    about = (SOURCE / "index.rst").read_text(encoding="utf-8")
    (SOURCE / "collection.rst").write_text(f":orphan:\n\n{about}", encoding="utf-8")


def write_front() -> None:
    """Write the first page: its text, then the guides in their order, the modules and the rest."""
    front = (Path(__file__).parent / "index.rst").read_text(encoding="utf-8")
    order = yaml.safe_load((GUIDES / "extra-docs.yml").read_text(encoding="utf-8"))
    modules = {page.stem.removesuffix("_module"): page.stem for page in sorted(SOURCE.glob("*_module.rst"))}
    lines = [
        *(
            line
            for section in order["sections"]
            for line in contents(section["title"], [f"docsite/{name}" for name in section["toctree"]])
        ),
        *contents("Modules", [f"{title} <{page}>" for title, page in modules.items()]),
        *contents("Project", [f"{title} <{address}>" for title, address in PROJECT.items()]),
    ]
    (SOURCE / "index.rst").write_text("\n".join((front, *lines, "")), encoding="utf-8")


def contents(title: str, entries: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a table of contents."""
    yield from (".. toctree::", f"   :caption: {title}", "   :maxdepth: 1", "   :hidden:", "")
    yield from (f"   {entry}" for entry in entries)
    yield ""


def main() -> int:
    """Lint, build, check, say where the site is, and return the exit code."""
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        lint()
        write_pages()
        write_front()
        run("sphinx-build", "-q", "-n", "-W", "--keep-going", "-c", Path(__file__).parent, SOURCE, SITE)
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    pages = sorted(SITE.rglob("*.html"))
    count, faults = broken(SITE, pages)
    if faults:
        print(*faults, sep="\n", file=sys.stderr)
        return 1
    print(f"{SITE.relative_to(ROOT)}/index.html: {len(pages)} pages, {count} links inside the site lead somewhere")
    return 0


if __name__ == "__main__":
    sys.exit(main())
