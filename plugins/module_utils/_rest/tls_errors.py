# Copyright (c) 2026 taskwatch maintainers
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Why TLS came to nothing: one sentence for each reason. PRIVATE to the collection.

Sources: the verification results and the alerts of OpenSSL 3 (x509_vfy.h, sslerr.h), by number and name.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence

from .._errors import ErrorType, Retryability, TaskwatchError

_NAME = "the certificate on port {port} is for another name ({reason}); set hostname to a name in the certificate"
_OR_FINGERPRINT = ", or trust this one certificate with cert_fingerprint"
_TIME = "the certificate on port {port} {reason}; renew it, and check the clock of the machine that runs the module"
_WEAK = "the certificate on port {port} is too weak for OpenSSL here ({reason}); renew it with a longer key and SHA-256"
_STRICT = (
    "the certificate on port {port} breaks a rule that Python 3.13 and newer enforce ({reason}); name the CA that "
    "signed it with ca_path, which drops these rules"
)
_UNKNOWN = "the certificate on port {port} is not trusted ({reason}); name the CA that signed it with ca_path"
_UNUSABLE = "the certificate on port {port} is not accepted ({reason})"
# Verification results of OpenSSL by number.
_RESULTS: tuple[tuple[Sequence[int], str], ...] = (
    ((62, 63, 64), _NAME + _OR_FINGERPRINT),
    ((9, 10), _TIME),
    ((66, 67, 68), _WEAK + _OR_FINGERPRINT),
    ((*range(80, 94), 24, 79), _STRICT + _OR_FINGERPRINT),
    ((2, 18, 19, 20, 21, 27), _UNKNOWN + _OR_FINGERPRINT),
)

_NO_TLS = "port {port} does not speak TLS ({reason}); check port and use_ssl"
_VERSION = "it offers no version of TLS on port {port} that OpenSSL here accepts ({reason})"
_CIPHER = "no cipher or key on port {port} suits both sides ({reason})"
_NO_AGREEMENT = (
    "it ends the handshake on port {port} ({reason}): it wants a client certificate, see client_cert, or no cipher or "
    "key suits both sides"
)
_CLIENT = "it does not accept the TLS client on port {port} ({reason}); check client_cert and client_key"
_SERVER_NAME = "it has no certificate for this name on port {port} ({reason}); check hostname"
# Errors of OpenSSL that no repetition cures, by a part of their name.
_REASONS: tuple[tuple[str, str], ...] = (
    (r"WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|PACKET_LENGTH|RECORD_LAYER_FAILURE", _NO_TLS),
    (r"UNKNOWN_PROTOCOL|NOT_SSL_RECORD|RECORD_TOO_(SMALL|LARGE)|ENCRYPTED_LENGTH_TOO_LONG", _NO_TLS),
    (r"UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|WRONG_SSL_VERSION|VERSION_TOO_(LOW|HIGH)", _VERSION),
    (r"NO_PROTOCOLS_AVAILABLE|UNSUPPORTED_SSL_VERSION|INAPPROPRIATE_FALLBACK", _VERSION),
    (r"LEGACY_RENEGOTIATION", _VERSION),
    (r"CERTIFICATE_REQUIRED|ALERT_(BAD|UNSUPPORTED|NO)_CERTIFICATE|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)", _CLIENT),
    (r"ALERT_UNKNOWN_CA|ALERT_ACCESS_DENIED", _CLIENT),
    (r"UNRECOGNIZED_NAME", _SERVER_NAME),
    (r"ALERT_HANDSHAKE_FAILURE", _NO_AGREEMENT),
    (r"HANDSHAKE_FAILURE|NO_SHARED|CIPHER|INSUFFICIENT_SECURITY|ILLEGAL_PARAMETER|SIGNATURE", _CIPHER),
    (r"KEY_TOO_SMALL|MD_TOO_WEAK|DH_|BAD_ECPOINT|GROUP|CURVE", _CIPHER),
)
_MISMATCH = re.compile(r"Fingerprints did not match.* got \W*b?\W*([0-9a-fA-F]{64})", re.DOTALL)


def error_from_tls(chain: Sequence[BaseException], port: int) -> TaskwatchError | None:
    """The error of a certificate or a handshake that is no good; None where the other side was cut off."""
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return _error(_sentence_of_result(link.verify_code), port, link.verify_message)
    for link in chain:
        seen = _MISMATCH.search(str(link))
        if seen is not None:
            return _wrong_fingerprint(seen.group(1), port)
        if type(link).__name__ == "CertificateError":  # of urllib3, where OpenSSL does not compare names
            return _error(_NAME + _OR_FINGERPRINT, port, "hostname mismatch")
    for link in chain:
        reason = getattr(link, "reason", None)
        if isinstance(link, ssl.SSLError) and isinstance(reason, str):
            sentence = next((said for names, said in _REASONS if re.search(names, reason)), None)
            if sentence is not None:
                return _error(sentence, port, in_words(reason))
    return None


def in_words(reason: str) -> str:
    """OpenSSL's name for an error, as it is read."""
    return reason.replace("_", " ").lower()


def _sentence_of_result(code: int) -> str:
    return next((sentence for codes, sentence in _RESULTS if code in codes), _UNUSABLE)


def _wrong_fingerprint(seen: str, port: int) -> TaskwatchError:
    written = ":".join(re.findall("..", seen.upper()))
    return _error(
        "the certificate on port {port} is not the one that cert_fingerprint names; it has the SHA-256 fingerprint "
        "{reason}: compare it with what the administrator of the system sees",
        port,
        written,
    )


def _error(sentence: str, port: int, reason: str) -> TaskwatchError:
    return TaskwatchError(
        ErrorType.TLS,
        sentence.format(port=port, reason=reason),
        retryability=Retryability.IF_SEEN,
        affects_all_tasks=True,
    )
