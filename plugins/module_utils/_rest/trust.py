# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How the two ends of a TLS connection prove who they are. PRIVATE to the collection."""

from __future__ import annotations

import os
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._errors import ErrorType, TaskwatchError

with suppress(ImportError):  # a missing library is reported before any request
    import requests
    from urllib3.util.ssl_ import create_urllib3_context

# New in Python 3.10, where it has this value.
_PARTIAL_CHAIN = getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0x80000)
_MAX_CONTEXTS = 16


@dataclass(frozen=True)
class Trust:
    """Whom to trust, and which certificate to show.

    ``fingerprint`` is SHA-256 in 64 hexadecimal digits; the certificate that has it is trusted, and no other one.
    """

    validate_certs: bool = True
    ca_path: str | None = None
    fingerprint: str | None = None
    client_cert: str | None = None
    client_key: str | None = None

    @property
    def bundle(self) -> str | None:
        """The authorities that replace the usual ones: the user's own, else those that the environment names."""
        return self.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or None

    @property
    def of_authorities(self) -> Trust:
        """The same without what belongs to the system alone: for any other host, such as a proxy."""
        return Trust(validate_certs=self.validate_certs, ca_path=self.ca_path)

    def context(self) -> ssl.SSLContext:
        """The context of this trust. To read authorities takes up to a second, so the process keeps what it has."""
        key = (self, self.bundle, *(_state(path) for path in (self.bundle, self.client_cert, self.client_key)))
        key = (*key, *(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF")))
        with _LOCK:
            context = _CONTEXTS.get(key)
            if context is None:
                while len(_CONTEXTS) >= _MAX_CONTEXTS:
                    del _CONTEXTS[next(iter(_CONTEXTS))]
                context = _CONTEXTS[key] = self._build()
            return context

    def _build(self) -> ssl.SSLContext:
        context: ssl.SSLContext = create_urllib3_context()
        configured = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).minimum_version
        if configured is not ssl.TLSVersion.MINIMUM_SUPPORTED:
            # Of OpenSSL's configuration, where Python follows it; urllib3 sets a minimum of its own.
            context.minimum_version = configured
        if self.client_cert:
            _show_certificate(context, self.client_cert, self.client_key)
        if self.fingerprint or not self.validate_certs:
            # urllib3 compares the fingerprint as soon as the handshake is done.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        context.verify_mode = ssl.CERT_REQUIRED
        context.check_hostname = True
        _load_authorities(context, self.bundle)
        if self.ca_path:
            # An authority that the user names is trusted as it is: internal ones were often made without the
            # extensions that Python 3.13 demands, and may be an intermediate one.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
            context.verify_flags |= _PARTIAL_CHAIN
        return context


_CONTEXTS: dict[Any, ssl.SSLContext] = {}
_LOCK = threading.Lock()


def _load_authorities(context: ssl.SSLContext, bundle: str | None) -> None:
    if bundle is None:
        # Those of SSL_CERT_FILE and SSL_CERT_DIR, or where they are not set, of the machine.
        context.load_default_certs()
        context.load_verify_locations(cafile=requests.utils.DEFAULT_CA_BUNDLE_PATH)
        return
    try:
        if Path(bundle).is_dir():
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except ssl.SSLError:
        raise TaskwatchError(ErrorType.TLS, f"there is no certificate in {bundle}; check ca_path") from None
    except OSError as error:
        raise TaskwatchError(ErrorType.TLS, f"{bundle} cannot be read ({error.strerror}); check ca_path") from None


def _show_certificate(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    try:
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except ssl.SSLError as error:
        reason = str(error.reason or "no PEM").replace("_", " ").lower()
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or error)
    else:
        return
    what = "client_cert or client_key" if key else "client_cert"
    raise TaskwatchError(ErrorType.BAD_REQUEST, f"{what} cannot be used ({reason}); both are files in PEM format")


def _state(path: str | None) -> Any:
    """What changes with a file: a renewed one is read anew."""
    with suppress(OSError):
        seen = Path(path or "/dev/null").stat()
        return seen.st_mtime_ns, seen.st_size, seen.st_ino
    return None


def _no_passphrase() -> str:
    """Otherwise OpenSSL asks the terminal for the passphrase of an encrypted key, and waits for it."""
    raise ValueError("the key is encrypted")
