# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The paths that an element's image status takes.

Source of the 36 words: Prisma SD-WAN API, "Get Image Status of Element (v2.1)". Their order is an assumption, because
the vendor publishes names and no meanings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..timeline import End, StateWord

PathName = Literal[
    "upgrade",
    "scheduled",
    "multi_hop",
    "abort",
    "upgrade_abort",
    "cancelled",
    "download_failed",
    "install_failed",
    "upgrade_failed",
    "stuck",
    "offline",
    "invalid",
    "idle",
    "mismatch",
    "custom",
]


@dataclass(frozen=True)
class Stage:
    """One word for a share of the duration; `download` is the percent shown at its begin and at its end."""

    word: str | None
    share: float
    download: tuple[int, int] | None = None
    connected: bool = True
    hop: int = 0
    """How many images have become active before it."""


@dataclass(frozen=True)
class Path:
    """Stages of the work, then the word that stays; `hops` counts the images that have become active by then."""

    stages: tuple[Stage, ...]
    final: Stage
    end: End
    truth: StateWord
    """What a perfect observer says of the final word."""
    failure_info: str | None = None


_BEGIN = (
    Stage("pending", 3),
    Stage("init", 3),
    Stage("download_discovery", 4, (0, 0)),
    Stage("download_init", 2, (0, 0)),
)
_DOWNLOAD = Stage("downloading", 40, (0, 100))
_READY = (Stage("download_complete", 5, (100, 100)), Stage("verifying", 8, (100, 100)))
_INSTALL = Stage("installing", 15, (100, 100))
_UPGRADE = (Stage("upgrade_init", 2, (100, 100)), Stage("upgrading", 20, (100, 100), connected=False))

PATHS: dict[PathName, Path] = {
    "upgrade": Path(
        (*_BEGIN, _DOWNLOAD, *_READY, _INSTALL, *_UPGRADE),
        Stage("upgrade_complete", 0, (100, 100), hop=1),
        "succeeded",
        "succeeded",
    ),
    "scheduled": Path(
        (
            Stage("download_scheduled", 10),
            Stage("waiting_download_time", 10),
            _DOWNLOAD,
            *_READY,
            Stage("waiting_install_time", 10, (100, 100)),
            Stage("upgrade_scheduled", 5, (100, 100)),
            _INSTALL,
            *_UPGRADE,
        ),
        Stage("complete", 0, (100, 100), hop=1),
        "succeeded",
        "succeeded",
    ),
    "multi_hop": Path(
        (
            *_BEGIN,
            _DOWNLOAD,
            *_READY,
            _INSTALL,
            *_UPGRADE,
            # A hop that is complete is not the version that was wanted
            Stage("upgrade_complete", 10, (100, 100), hop=1),
            Stage("pending", 3, hop=1),
            Stage("downloading", 40, (0, 100), hop=1),
            Stage("installing", 15, (100, 100), hop=1),
            Stage("upgrading", 20, (100, 100), connected=False, hop=1),
        ),
        Stage("upgrade_complete", 0, (100, 100), hop=2),
        "succeeded",
        "succeeded",
    ),
    "abort": Path(
        (*_BEGIN, Stage("downloading", 30, (0, 45)), Stage("abort_download_pending", 10, (45, 45))),
        Stage("download_abort", 0, (45, 45)),
        "cancelled",
        "cancelled",
        "aborted by operator",
    ),
    "upgrade_abort": Path(
        (
            *_BEGIN,
            _DOWNLOAD,
            *_READY,
            Stage("waiting_install_time", 10, (100, 100)),
            Stage("upgrade_cancel_pending", 5, (100, 100)),
        ),
        Stage("upgrade_cancelled", 0, (100, 100)),
        "cancelled",
        "cancelled",
        "aborted by operator",
    ),
    "cancelled": Path(
        (*_BEGIN, Stage("downloading", 60, (0, 63))),
        Stage("download_cancelled", 0, (63, 63)),
        "cancelled",
        "cancelled",
        "timed out",
    ),
    "download_failed": Path(
        (*_BEGIN, Stage("downloading", 40, (0, 37))),
        Stage("download_failed", 0, (37, 37)),
        "failed",
        "failed",
        "image server not reachable",
    ),
    "install_failed": Path(
        (*_BEGIN, _DOWNLOAD, *_READY, _INSTALL),
        Stage("install_failed", 0, (100, 100)),
        "failed",
        "failed",
        "not enough disk space",
    ),
    "upgrade_failed": Path(
        (*_BEGIN, _DOWNLOAD, *_READY, _INSTALL, *_UPGRADE),
        Stage("upgrade_failed", 0, (100, 100)),
        "failed",
        "failed",
        "image did not boot",
    ),
    "stuck": Path((*_BEGIN, Stage("downloading", 40, (0, 42))), Stage("downloading", 0, (42, 42)), "never", "running"),
    "offline": Path(
        (*_BEGIN, _DOWNLOAD, *_READY, _INSTALL, *_UPGRADE),
        Stage("upgrading", 0, (100, 100), connected=False),
        "never",
        "running",
    ),
    "invalid": Path((), Stage("invalid", 0), "never", "unknown"),
    # A lab script reports that the word is none again at the end
    "idle": Path((), Stage(None, 0, hop=1), "succeeded", "succeeded"),
    "mismatch": Path((*_BEGIN, _DOWNLOAD), Stage("complete", 0, (100, 100)), "never", "unknown"),
}
# assumption: which of the words appear on the way to an abort, and how many simulated seconds it takes
ABORTED_EARLY = ("abort_download_pending", "download_abort")
ABORTED_LATE = ("abort_upgrade_pending", "upgrade_abort")
ABORT_SECONDS = 5.0
PENDING_WORDS = frozenset(
    {"pending", "init", "waiting_download_time", "download_scheduled", "waiting_install_time", "upgrade_scheduled"}
)


def truth_of(word: str | None) -> StateWord:
    """Return the state of a word on the way."""
    return "pending" if word in PENDING_WORDS else "running"


def scheduled(sequence: Path, seconds: float, download_at: float, upgrade_at: float) -> Path:
    """Return a path of so many seconds with its waits: no download before one second, no upgrade before the other.

    The shares of its stages are seconds.
    """
    total = sum(stage.share for stage in sequence.stages)
    stages: list[Stage] = []
    now = 0.0

    def go(stage: Stage, length: float) -> None:
        nonlocal now
        stages.append(replace(stage, share=length))
        now += length

    if download_at > 0 and sequence.stages:
        go(Stage("download_scheduled", 0), download_at)
    for stage in sequence.stages:
        if stage.word == "installing" and upgrade_at > now:
            go(Stage("upgrade_scheduled", 0, (100, 100)), upgrade_at - now)
        go(stage, stage.share / total * seconds)
    return replace(sequence, stages=tuple(stages))


def abort_road(downloaded: int | None) -> Path:
    """Return the path of an upgrade that an operator has aborted when so many percent were on the element."""
    span = None if downloaded is None else (downloaded, downloaded)
    waiting, ended = ABORTED_LATE if downloaded == 100 else ABORTED_EARLY
    return Path(
        (Stage(waiting, ABORT_SECONDS, span),), Stage(ended, 0, span), "cancelled", "cancelled", "aborted by operator"
    )
