# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a client asks for when it starts an export or a bulk job.

Source: Lenovo XClarity Administrator REST API reference, "PUT /updateRepositories/firmware" and "POST /csvRequest";
limit of 300 devices: its online documentation, "Managing devices". The spelling `filetypes`, and that payloads need
names, are those of Lenovo's own clients.
"""

from __future__ import annotations

import csv
import io
import ipaddress
import itertools
from dataclasses import dataclass

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from ..messages import Request
from .lxca_csv_job import CsvJobEntry, DeviceEntry

MOST_DEVICES = 300
PART = "uploadedfile"
FILE_TYPES = frozenset({"all", "payloads"})


class BadStart(Exception):
    """What is wrong with a request that would start work, and what to do about it."""

    def __init__(self, text: str, advice: str) -> None:
        super().__init__(text)
        self.text = text
        self.advice = advice


def check_export(request: Request) -> None:
    """Make sure that a request asks for an export.

    Raises:
        BadStart: when it does not.
    """
    # assumption: no other action of this call is simulated, so all others are invalid ones
    if request.arguments.get("action") != "export":
        raise BadStart("The parameter action is not valid.", "Use action=export.")
    # Written both ways in the reference
    wanted = request.arguments.get("filetypes", request.arguments.get("filetype"))
    if wanted not in FILE_TYPES:
        raise BadStart("The parameter filetypes is not valid.", "Use all or payloads.")
    try:
        sent = request.json()
    except ValueError:
        raise BadStart("The request body is not valid.", "Send a JSON object with fixids.") from None
    names = sent.get("fixids") if isinstance(sent, dict) else None
    if not isinstance(names, list) or not all(isinstance(each, str) and each for each in names):
        raise BadStart("The attribute fixids is missing or not valid.", "Send fixids as a list of update names.")
    if wanted == "payloads" and not names:
        raise BadStart("The attribute fixids is empty.", "Name the updates whose payloads are to be exported.")


@dataclass(frozen=True)
class BulkImport:
    """A bulk-import file: the devices that it names, in order, and whether it is only to be checked."""

    addresses: tuple[str, ...]
    validate_only: bool

    def shaped(self, entry: CsvJobEntry) -> CsvJobEntry:
        """Return what becomes of the job: the file's devices, each with the end that the scenario has for it."""
        listed = entry.devices if isinstance(entry.devices, list) else []
        known = {each.address: each for each in listed}
        devices = [known.get(address, DeviceEntry(address=address)) for address in self.addresses]
        return entry.model_copy(update={"devices": devices})


def bulk_import(request: Request) -> BulkImport:
    """Return what a request wants to be managed.

    Raises:
        BadStart: when it cannot be read.
    """
    only = request.arguments.get("validationOnly", "false").lower()
    if only not in {"true", "false"}:
        raise BadStart("The parameter validationOnly is not valid.", "Use true or false.")
    addresses = _addresses(_uploaded(request))
    if not addresses:
        raise BadStart("The bulk-import file names no device.", "Add a row for each device below the headings.")
    if len(addresses) > MOST_DEVICES:
        raise BadStart(f"The bulk-import file names more than {MOST_DEVICES} devices.", "Split the file.")
    if len(set(addresses)) < len(addresses):
        # assumption: a device can be managed once only
        raise BadStart("The bulk-import file names a device twice.", "Remove one of the rows.")
    return BulkImport(tuple(addresses), only == "true")


def _uploaded(request: Request) -> bytes:
    media, options = parse_options_header(request.headers.get("Content-Type"))
    if media.lower() != "multipart/form-data":
        raise BadStart("The request body is not multipart/form-data.", f"Upload the file as the part {PART}.")
    try:
        parser = FormDataParser(stream_factory=lambda *_sizes, **_names: io.BytesIO(), silent=False)
        _stream, _form, files = parser.parse(io.BytesIO(request.body), media.lower(), len(request.body), options)
    except (ValueError, HTTPException):
        raise BadStart("The request body is not valid multipart/form-data.", "Check the boundary.") from None
    file = files.get(PART)
    if file is None or not file.filename:
        raise BadStart(f"The part {PART} with a file name is missing.", "Upload the bulk-import file.")
    content: bytes = file.read()
    return content


def _addresses(content: bytes) -> list[str]:
    """Return what the rows call their devices.

    assumption: the first row holds headings; a device is called by the first field that is an IP address, or else by
    its first field that is not empty. The columns of Lenovo's template are not part of the reference.
    """
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        next(rows, None)
        filled = filter(None, ([field.strip() for field in row if field.strip()] for row in rows))
        # One device too many is refused; counting the rest is of no use
        wanted = list(itertools.islice(filled, MOST_DEVICES + 1))
    except (UnicodeDecodeError, csv.Error):
        raise BadStart("The bulk-import file is not comma-delimited text.", "Save it as CSV in UTF-8.") from None
    return [next((field for field in row if _is_address(field)), row[0]) for row in wanted]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
