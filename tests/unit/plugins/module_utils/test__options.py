# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options: every environment variable, defaults and aliases of the contract, one sentence for what cannot be used."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.taskwatch.infra.plugins.module_utils import _options
from ansible_collections.taskwatch.infra.plugins.module_utils._errors import ErrorType, TaskwatchError
from ansible_collections.taskwatch.infra.plugins.module_utils._options import check_common, endpoint_of
from ansible_collections.taskwatch.infra.plugins.module_utils._registry import SYSTEMS
from ansible_collections.taskwatch.infra.plugins.module_utils._system import System
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca import Lxca
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_csv_job import CsvJob
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_export import RepoExport
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.lxca_task import Task
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.prisma_sdwan import ElementImageStatus
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.rest_task import RestTask
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.sdm import RouteUpdate
from ansible_collections.taskwatch.infra.plugins.module_utils._systems.vcenter import ApplianceUpdate
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.options import Refused, params_of
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.play import (
    LOGIN,
    NEEDED,
    by_path,
    play,
)
from ansible_collections.taskwatch.infra.tests.unit.plugins.module_utils.helpers.transport import Reply
from hypothesis import given
from hypothesis import strategies as st

MODULES: dict[type[System], dict[str, Any]] = {system: NEEDED[name] for name, system in SYSTEMS.items()}
EVERY_MODULE = pytest.mark.parametrize(("system", "needed"), MODULES.items(), ids=SYSTEMS)

# Section 2 of the contract.
COMMON_ENV = {"HOST": "hostname", "PORT": "port", "USER": "username", "PASSWORD": "password"}
COMMON_ENV |= {"VALIDATE_CERTS": "validate_certs", "CA_PATH": "ca_path"}
PRISMA_ENV = {
    "PRISMASASE_HOST": "hostname",
    "PRISMASASE_CLIENT_ID": "client_id",
    "PRISMASASE_CLIENT_SECRET": "client_secret",
    "PRISMASASE_TSG_ID": "tsg_id",
    "PRISMASASE_AUTH_URL": "auth_url",
    "X_AUTH_TOKEN": "auth_token",
    "PRISMASASE_TENANT_ID": "tenant_id",
    "PRISMASASE_VALIDATE_CERTS": "validate_certs",
    "PRISMASASE_CA_PATH": "ca_path",
}
PREFIXES: dict[type[System], str] = {system: "LXCA" for system in SYSTEMS.values() if issubclass(system, Lxca)}
PREFIXES |= {RouteUpdate: "SDM", ApplianceUpdate: "VMWARE", RestTask: "REST_TASK"}
ENVIRONMENT: list[tuple[type[System], str, str]] = [
    *(
        (system, f"{prefix}_{suffix}", option)
        for system, prefix in PREFIXES.items()
        for suffix, option in COMMON_ENV.items()
    ),
    *((ElementImageStatus, variable, option) for variable, option in PRISMA_ENV.items()),
    (RestTask, "REST_TASK_TOKEN", "token"),
]
BY_VARIABLE = pytest.mark.parametrize(
    ("system", "variable", "option"),
    ENVIRONMENT,
    ids=[f"{system.NAME}-{variable}" for system, variable, _unused in ENVIRONMENT],
)
SAMPLES: dict[str, tuple[str, Any]] = {
    "port": ("9443", 9443),
    "validate_certs": ("no", False),
    "ca_path": ("/etc/internal-ca.pem", "/etc/internal-ca.pem"),
    "auth_url": ("https://auth.example.com/token", "https://auth.example.com/token"),
}


def test_every_module_has_its_variables() -> None:
    assert {system for system, _variable, _option in ENVIRONMENT} == set(SYSTEMS.values())


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for _system, variable, _option in ENVIRONMENT:
        monkeypatch.delenv(variable, raising=False)


@BY_VARIABLE
def test_every_variable_of_the_contract_is_read(
    system: type[System], variable: str, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, read = SAMPLES.get(option, ("from-environment", "from-environment"))
    monkeypatch.setenv(variable, written)
    needed = {name: value for name, value in MODULES[system].items() if name != option}
    assert params_of(system, **needed)[option] == read


@BY_VARIABLE
def test_an_option_wins_over_its_variable(
    system: type[System], variable: str, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, SAMPLES.get(option, ("from-environment", None))[0])
    given_value: Any = {"port": 1, "validate_certs": True}.get(option, "/given")
    assert params_of(system, **{**MODULES[system], option: given_value})[option] == given_value


@BY_VARIABLE
@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_blank_variable_is_as_good_as_none(
    system: type[System], variable: str, option: str, blank: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Controllers set a variable for every field of a credential, also for those left blank."""
    needed = {name: value for name, value in MODULES[system].items() if name != option}
    monkeypatch.setenv(variable, blank)
    if system.ARGUMENT_SPEC[option].get("required"):
        with pytest.raises(Refused, match=option):
            params_of(system, **needed)
    else:
        assert params_of(system, **needed)[option] == system.ARGUMENT_SPEC[option].get("default")


@EVERY_MODULE
def test_defaults_and_aliases_are_those_of_the_contract(system: type[System], needed: dict[str, Any]) -> None:
    params = params_of(system, **needed)
    vcenter = system is ApplianceUpdate
    assert {name: params[name] for name in ("use_ssl", "validate_certs", "ca_path", "timeout")} == {
        "use_ssl": True,
        "validate_certs": True,
        "ca_path": None,
        "timeout": 30,
    }
    assert params["port"] == (8443 if system is RouteUpdate else 443)
    assert {name: params[name] for name in _options.wait_spec()} == {
        "wait": False,
        "wait_timeout": 7200 if vcenter else 3600,
        "expected_duration": None,
        "fail_fast": False,
        "wait_timeout_is_failure": True,
        "wait_sleep": None,
        "unreachable_timeout": 1800 if vcenter else 300,
        "stall_timeout": 0,
        "progress_interval": 60,
        "include_raw": False,
    }
    with_aliases = {{"hostname": "host", "username": "user"}.get(name, name): value for name, value in needed.items()}
    again = params_of(system, **with_aliases, poll_interval=7)
    assert again["wait_sleep"] == 7
    assert again["hostname"] == params["hostname"]


@pytest.mark.parametrize(
    ("system", "plural", "option"),
    [
        (RepoExport, "task_ids", "task_id"),
        (CsvJob, "job_ids", "job_id"),
        (Task, "task_ids", "task_id"),
        (RouteUpdate, "task_ids", "task_id"),
        (ElementImageStatus, "element_ids", "element_id"),
    ],
)
def test_ids_have_a_plural_and_a_single_one_may_stand_alone(system: type[System], plural: str, option: str) -> None:
    needed = {name: value for name, value in MODULES[system].items() if name != option}
    assert params_of(system, **needed, **{plural: ["a", "b"]})[option] == ["a", "b"]
    assert params_of(system, **needed, **{plural: 371})[option] == ["371"]
    assert params_of(system, **needed, **{option: "a,b"})[option] == ["a", "b"]


@EVERY_MODULE
def test_secrets_are_marked_as_such(system: type[System], needed: dict[str, Any]) -> None:
    secret = {name for name, option in system.ARGUMENT_SPEC.items() if option.get("no_log")}
    of_few = {ElementImageStatus: {"auth_token", "client_secret"}, RestTask: {"password", "token"}}
    expected = of_few.get(system, {"password"})
    assert secret == expected
    assert needed.keys() <= system.ARGUMENT_SPEC.keys()


SECONDS = ["timeout", "wait_timeout", "wait_sleep", "unreachable_timeout", "stall_timeout", "progress_interval"]
POSITIVE = {"timeout", "wait_sleep"}
MONTH = 31 * 24 * 3600


@pytest.mark.parametrize("option", SECONDS)
@pytest.mark.parametrize("value", [-1, -0.001, 0, MONTH + 1, float("inf"), float("-inf"), float("nan"), 1e300])
def test_seconds_out_of_range_are_refused_by_name(option: str, value: float) -> None:
    params = {**params_of(ApplianceUpdate, **LOGIN), option: value}
    if value == 0 and option not in POSITIVE:
        check_common(params)
        return
    bound = "more than 0" if option in POSITIVE else "0 or more"
    with pytest.raises(TaskwatchError) as caught:
        check_common(params)
    assert caught.value.message == f"{option} must be {bound} seconds and at most 31 days, not {value:g}"
    assert caught.value.kind is ErrorType.BAD_REQUEST


@pytest.mark.parametrize("option", SECONDS)
@pytest.mark.parametrize("value", [0.5, 1, MONTH])
def test_seconds_in_range_are_taken(option: str, value: float) -> None:
    check_common({**params_of(ApplianceUpdate, **LOGIN), option: value})


@pytest.mark.parametrize("port", [0, -1, 65536, 10**9])
def test_a_port_out_of_range_is_refused_by_name(port: int) -> None:
    with pytest.raises(TaskwatchError, match=rf"port must be between 1 and 65535, not {port}"):
        check_common({**params_of(ApplianceUpdate, **LOGIN), "port": port})


@pytest.mark.parametrize(
    ("hostname", "said"),
    [
        ("", "is empty"),
        ("https://vcenter.example.com", "must be a name or address without a scheme"),
        ("http://192.0.2.1/", "must be a name or address without a scheme"),
        ("vcenter.example.com:443", "must not hold a port"),
        ("192.0.2.1:8443", "must not hold a port"),
        ("vcenter.example.com/ui", "must be a host name or an IP address"),
        ("vcenter.example.com:443/ui", "must be a host name or an IP address"),
        ("user@vcenter.example.com", "must be a host name or an IP address"),
        ("user:pw@vcenter.example.com", "must be a host name or an IP address"),
        ("vcenter example", "must be a host name or an IP address"),
        (" vcenter.example.com", "must be a host name or an IP address"),
        ("vcenter.example.com\n", "must be a host name or an IP address"),
        ("vcenter.example.com\r\nX-Evil: 1", "must be a host name or an IP address"),
        ("vcenter?x", "must be a host name or an IP address"),
        ("vcenter#x", "must be a host name or an IP address"),
        ("a..b", "must be a host name or an IP address"),
        ("a" * 64 + ".example.com", "must be a host name or an IP address"),
        ("a." * 127 + "toolong", "must be a host name or an IP address"),
        (".", "must be a host name or an IP address"),
        ("-vcenter", "must be a host name or an IP address"),
        ("[::1", "must be a host name or an IP address"),
        ("[::1]:443", "must"),
        ("::g", "must be a host name or an IP address"),
        ("%41", "must be a host name or an IP address"),
    ],
)
def test_a_hostname_that_is_none_is_refused_by_name(hostname: str, said: str) -> None:
    with pytest.raises(TaskwatchError) as caught:
        check_common({**params_of(ApplianceUpdate, **LOGIN), "hostname": hostname})
    assert caught.value.message.startswith(f"hostname {said}")
    assert len(caught.value.message.splitlines()) == 1


@pytest.mark.parametrize(
    ("hostname", "origin"),
    [
        ("vcenter.example.com", "https://vcenter.example.com:443"),
        ("vcenter.example.com.", "https://vcenter.example.com.:443"),
        ("vcenter", "https://vcenter:443"),
        ("vc_1-a.example.com", "https://vc_1-a.example.com:443"),
        ("192.0.2.1", "https://192.0.2.1:443"),
        ("::1", "https://[::1]:443"),
        ("[2001:db8::1]", "https://[2001:db8::1]:443"),
    ],
)
def test_names_and_addresses_are_taken(hostname: str, origin: str) -> None:
    params = {**params_of(ApplianceUpdate, **LOGIN), "hostname": hostname}
    check_common(params)
    assert endpoint_of(params).origin == origin


@given(st.text(max_size=30))
def test_no_hostname_leads_anywhere_else(hostname: str) -> None:
    params = {**params_of(ApplianceUpdate, **LOGIN), "hostname": hostname}
    try:
        check_common(params)
    except TaskwatchError:
        return
    origin = endpoint_of(params).origin
    assert origin in (f"https://{hostname}:443", f"https://[{hostname.strip('[]')}]:443")
    assert not set(hostname) & set("/?#@\\ \t\r\n")


@pytest.mark.parametrize("option", ["username", "password"])
def test_an_empty_credential_is_refused_by_name(option: str) -> None:
    with pytest.raises(TaskwatchError, match=f"{option} is empty"):
        check_common({**params_of(ApplianceUpdate, **LOGIN), option: ""})


@pytest.mark.parametrize(
    ("system", "option"),
    [(ApplianceUpdate, option) for option in LOGIN]
    + [(RepoExport, "task_id"), (RouteUpdate, "task_id"), (ElementImageStatus, "auth_token")],
)
def test_half_a_surrogate_pair_in_an_option_ends_in_one_sentence(system: type[System], option: str) -> None:
    """What Python makes of an environment variable that is no UTF-8."""
    played = play(system, by_path({}), **{**MODULES[system], option: "odd\udc80value"})
    assert str(played.result.msg).startswith(f"{option} holds characters")
    assert played.sent == []


def test_a_missing_ca_file_is_refused_by_name(tmp_path: Path) -> None:
    params = {**params_of(ApplianceUpdate, **LOGIN), "ca_path": str(tmp_path / "none.pem")}
    with pytest.raises(TaskwatchError, match=r"ca_path names a file that does not exist: .*none\.pem"):
        endpoint_of(params)
    assert endpoint_of({**params, "validate_certs": False}).trust.validate_certs is False
    assert endpoint_of({**params, "use_ssl": False}).origin == "http://192.0.2.1:443"


def test_the_users_bundle_wins_over_those_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, requests_bundle, curl_bundle = (str(tmp_path / name) for name in ("own.pem", "requests.pem", "curl.pem"))
    for bundle in (own, requests_bundle, curl_bundle):
        Path(bundle).touch()
    params = params_of(ApplianceUpdate, **LOGIN)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", requests_bundle)
    monkeypatch.setenv("CURL_CA_BUNDLE", curl_bundle)
    assert endpoint_of({**params, "ca_path": own}).trust.bundle == own
    assert endpoint_of(params).trust.bundle == requests_bundle
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    assert endpoint_of(params).trust.bundle == curl_bundle
    monkeypatch.delenv("CURL_CA_BUNDLE")
    assert endpoint_of(params).trust.bundle is None


def test_a_bundle_of_the_environment_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/bundle.pem")
    params = params_of(ApplianceUpdate, **LOGIN)
    with pytest.raises(TaskwatchError, match=r"REQUESTS_CA_BUNDLE .* does not exist: /no/such/bundle\.pem"):
        endpoint_of(params)
    assert endpoint_of({**params, "validate_certs": False}).trust.validate_certs is False


FINGERPRINT = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "written", [FINGERPRINT, FINGERPRINT.upper(), ":".join(re.findall("..", FINGERPRINT)), f" {FINGERPRINT}\n"]
)
def test_a_fingerprint_is_read_in_every_usual_form(written: str) -> None:
    endpoint = endpoint_of(params_of(ApplianceUpdate, **LOGIN, cert_fingerprint=written))
    assert endpoint.trust.fingerprint == FINGERPRINT


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cert_fingerprint": "ab:cd"}, "cert_fingerprint must be the SHA-256"),
        ({"cert_fingerprint": "0" * 40}, "cert_fingerprint must be the SHA-256"),
        ({"cert_fingerprint": "g" * 64}, "cert_fingerprint must be the SHA-256"),
        ({"cert_fingerprint": FINGERPRINT, "use_ssl": False}, "cert_fingerprint needs use_ssl"),
        ({"client_cert": "/no/such/cert.pem"}, "client_cert names a file that does not exist: /no/such/cert.pem"),
        ({"client_cert": __file__, "client_key": "/no/key.pem"}, "client_key names a file that does not exist"),
        ({"client_key": __file__}, "client_key needs its certificate in client_cert"),
        ({"client_key": __file__, "use_ssl": False}, "client_key needs its certificate in client_cert"),
    ],
)
def test_options_of_trust_that_make_no_sense_are_named_before_any_request(options: dict[str, Any], said: str) -> None:
    played = play(ApplianceUpdate, by_path({}), **{**LOGIN, **options})
    assert str(played.result.msg).startswith(said)
    assert (played.result.payload["error"]["type"], played.sent) == ("bad_request", [])


@pytest.mark.parametrize("system", [RepoExport, CsvJob, Task, RouteUpdate])
@pytest.mark.parametrize("ids", [[], [""], [" ", ",\n"]])
def test_no_ids_at_all_are_refused(system: type[System], ids: list[str]) -> None:
    played = play(system, by_path({}), **{**MODULES[system], str(system.ID_OPTION): ids})
    assert played.result.msg == f"{system.ID_OPTION} is empty"


def test_missing_libraries_get_ansibles_usual_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_options, "REQUESTS_IMPORT_ERROR", "ImportError")
    played = play(ApplianceUpdate, by_path({}), **LOGIN)
    assert played.error["type"] == "missing_library"
    assert "Failed to import the required Python library (requests)" in str(played.result.msg)


SECRETS = {"username": "netops\n", "password": "s3cret-password\r\n"}


@pytest.mark.parametrize("system", [RepoExport, CsvJob, Task, RouteUpdate, ApplianceUpdate])
def test_a_line_break_at_the_end_of_a_password_is_not_part_of_it(system: type[System]) -> None:
    """As files and the output of commands have it."""
    played = play(system, by_path({}, Reply(401)), **{**MODULES[system], **SECRETS})
    sent = played.adapter.requests[0]
    told = sent.body + base64.b64decode(sent.headers.get("Authorization", "").partition(" ")[2]).decode()
    assert "s3cret-password" in told
    assert "netops" in told
    assert "\n" not in told
    assert "\\n" not in told
    echoed = play(
        system, by_path({}, Reply(401, "no such password: s3cret-password")), **{**MODULES[system], **SECRETS}
    )
    assert "s3cret" not in str(echoed.result)
