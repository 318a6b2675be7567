# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Argument specs as pieces that add up, and what no spec can check. PRIVATE to the collection."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ._errors import ErrorType, TaskwatchError
from ._rest.client import REQUESTS_IMPORT_ERROR
from ._rest.endpoint import Endpoint
from ._rest.trust import Trust

Spec = dict[str, dict[str, Any]]


def nonblank_env(*names: str) -> str:
    """The first of these environment variables that holds something.

    Controllers set a variable for every field of a credential, also for those left blank; a blank one is not an
    answer, and with the usual fallback it would be one.
    """
    for name in names:
        value = os.environ.get(name, "").strip()
        if value:
            return value
    raise AnsibleFallbackNotFound


def from_env(*names: str, **option: Any) -> dict[str, Any]:
    """An option that falls back to environment variables."""
    return {**option, "fallback": (nonblank_env, list(names))}


def connection_spec(prefix: str, *, port: int, hostname: str | None = None, port_env: bool = True) -> Spec:
    """Where the system is and whom to trust; ``prefix`` begins the names of its environment variables."""
    host: dict[str, Any] = {"type": "str", "aliases": ["host"]}
    host.update({"default": hostname} if hostname else {"required": True})
    port_option: dict[str, Any] = {"type": "int", "default": port}
    return {
        "hostname": from_env(f"{prefix}_HOST", **host),
        "port": from_env(f"{prefix}_PORT", **port_option) if port_env else port_option,
        "use_ssl": {"type": "bool", "default": True},
        "validate_certs": from_env(f"{prefix}_VALIDATE_CERTS", type="bool", default=True),
        "ca_path": from_env(f"{prefix}_CA_PATH", type="path"),
        "cert_fingerprint": from_env(f"{prefix}_CERT_FINGERPRINT", type="str"),
        "client_cert": from_env(f"{prefix}_CLIENT_CERT", type="path"),
        "client_key": from_env(f"{prefix}_CLIENT_KEY", type="path"),
        "use_proxy": from_env(f"{prefix}_USE_PROXY", type="bool", default=True),
        "timeout": {"type": "float", "default": 30},
    }


def login_spec(prefix: str) -> Spec:
    return {
        "username": from_env(f"{prefix}_USER", type="str", required=True, aliases=["user"]),
        "password": from_env(f"{prefix}_PASSWORD", type="str", required=True, no_log=True),
    }


def wait_spec(*, wait_timeout: float = 3600, unreachable_timeout: float = 300) -> Spec:
    """The wait options of the contract, and what to return beside the normalized status. All in seconds."""
    return {
        "wait": {"type": "bool", "default": False},
        "wait_timeout": {"type": "float", "default": wait_timeout},
        "wait_sleep": {"type": "float", "aliases": ["poll_interval"]},
        "expected_duration": {"type": "float"},
        "unreachable_timeout": {"type": "float", "default": unreachable_timeout},
        "stall_timeout": {"type": "float", "default": 0},
        "progress_interval": {"type": "float", "default": 60},
        "fail_fast": {"type": "bool", "default": False},
        "wait_timeout_is_failure": {"type": "bool", "default": True},
        "include_raw": {"type": "bool", "default": False},
    }


def ids_spec(name: str, *others: str, **option: Any) -> Spec:
    """The option that names the tasks; ``others`` are what it is called elsewhere. Plurals are aliases, too."""
    aliases = [f"{name}s", *(alias for other in others for alias in (other, f"{other}s"))]
    return {name: {"type": "list", "elements": "str", "aliases": aliases, **option}}


def without_line_break(value: Any) -> Any:
    """A secret or a name as it was meant: files and commands end in a line break, passwords do not."""
    return value.rstrip("\r\n") if isinstance(value, str) else value


# Options in seconds: the least that makes sense, and whether that least itself is allowed.
_SECONDS = {
    "timeout": (0, False),
    "wait_timeout": (0, True),
    "wait_sleep": (0, False),
    "expected_duration": (0, False),
    "unreachable_timeout": (0, True),
    "stall_timeout": (0, True),
    "progress_interval": (0, True),
}
MAX_SECONDS = 31 * 24 * 3600
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_LONGEST_HOSTNAME = 253
_HOSTNAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")


def option_error(option: str, sentence: str) -> TaskwatchError:
    """The error for an option with a value that cannot be used."""
    return TaskwatchError(ErrorType.BAD_REQUEST, f"{option} {sentence}")


def missing_library(name: str) -> TaskwatchError:
    """Ansible's usual message for a Python library that cannot be imported."""
    return TaskwatchError(ErrorType.MISSING_LIBRARY, missing_required_lib(name))


def check_basic(params: Mapping[str, Any]) -> None:
    """Refuse a user name that HTTP Basic authentication cannot carry: it would end at the first colon."""
    if ":" in params["username"]:
        raise option_error("username", "must not contain a colon, which HTTP Basic authentication cannot carry")


def check_common(params: Mapping[str, Any], spec: Spec | None = None) -> None:
    """What no argument spec can check, of the options that all modules have. Raises one sentence."""
    if REQUESTS_IMPORT_ERROR is not None:
        raise missing_library("requests")
    for name, value in params.items():
        if not _sendable(value):
            raise option_error(name, "holds characters that cannot be written as UTF-8")
    _check_seconds(params)
    if not 1 <= params["port"] <= 65535:
        raise option_error("port", f"must be between 1 and 65535, not {params['port']}")
    if params["hostname"] is None:
        _reader, variables = (spec or {}).get("hostname", {}).get("fallback", (None, ()))
        raise option_error("hostname", f"is missing (environment variable {', '.join(variables)})")
    _check_hostname(params["hostname"])
    for name in ("username", "password"):
        if params.get(name) is not None and not params[name]:
            raise option_error(name, "is empty")


def _check_seconds(params: Mapping[str, Any]) -> None:
    for name, (least, inclusive) in _SECONDS.items():
        value = params.get(name)
        if value is None:
            continue
        if not (least <= value <= MAX_SECONDS) or (value == least and not inclusive):
            bound = "0 or more" if inclusive else "more than 0"
            raise option_error(name, f"must be {bound} seconds and at most 31 days, not {value:g}")


def _sendable(value: Any) -> bool:
    """Whether every text in an option can be sent; odd bytes of an environment become characters that cannot."""
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(_sendable(key) and _sendable(item) for key, item in value.items())
    return all(_sendable(item) for item in value) if isinstance(value, list) else True


def _check_hostname(hostname: str | None) -> None:
    if not hostname:
        raise option_error("hostname", "is empty")
    if "://" in hostname:
        raise option_error("hostname", f"must be a name or address without a scheme, not {hostname!r}; see use_ssl")
    bare = hostname[1:-1] if hostname.startswith("[") and hostname.endswith("]") else hostname
    try:
        ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        pass
    else:
        return
    if re.fullmatch(r"[^:/]+:\d+", hostname):
        raise option_error("hostname", f"must not hold a port, as in {hostname!r}; use the option port")
    if len(hostname) > _LONGEST_HOSTNAME or not _HOSTNAME.fullmatch(hostname):
        raise option_error("hostname", f"must be a host name or an IP address, not {hostname!r}")


def endpoint_of(params: Mapping[str, Any]) -> Endpoint:
    """Where the options say that the system is."""
    trust = _trust_of(params)
    if trust.client_key and not trust.client_cert:
        raise option_error("client_key", "needs its certificate in client_cert")
    if params["use_ssl"]:
        _check_files(trust)
    elif trust.fingerprint is not None:
        raise option_error("cert_fingerprint", "needs use_ssl, because plain HTTP has no certificate to compare")
    return Endpoint(
        hostname=str(params["hostname"]).strip("[]"),
        port=params["port"],
        use_ssl=params["use_ssl"],
        trust=trust,
        use_proxy=params["use_proxy"],
        timeout=params["timeout"],
    )


def _trust_of(params: Mapping[str, Any]) -> Trust:
    fingerprint = re.sub(r"[:\s]", "", params["cert_fingerprint"] or "").lower()
    if fingerprint and not re.fullmatch(r"[0-9a-f]{64}", fingerprint):
        raise option_error(
            "cert_fingerprint", "must be the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons"
        )
    return Trust(
        validate_certs=params["validate_certs"],
        ca_path=params["ca_path"] or None,
        fingerprint=fingerprint or None,
        client_cert=params["client_cert"] or None,
        client_key=params["client_key"] or None,
    )


def _check_files(trust: Trust) -> None:
    files = {"client_cert": trust.client_cert, "client_key": trust.client_key}
    if trust.validate_certs and trust.fingerprint is None:
        files["ca_path" if trust.ca_path else "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE"] = trust.bundle
    for name, path in files.items():
        if path is not None and not Path(path).exists():
            raise option_error(name, f"names a file that does not exist: {path}")
