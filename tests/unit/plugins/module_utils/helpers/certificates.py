# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authorities and certificates of every quality, for TLS servers on 127.0.0.1."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NOW = dt.datetime.now(dt.timezone.utc)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, as one PEM file, and its SHA-256."""

    certificate: x509.Certificate
    key: Any
    path: Path

    @property
    def fingerprint(self) -> str:
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return hashlib.sha256(der).hexdigest()

    def server(self, *, of_clients: Path | None = None) -> ssl.SSLContext:
        """The context of a server with this certificate, which wants one of the authority ``of_clients`` in turn."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(self.path)
        if of_clients is not None:
            context.load_verify_locations(of_clients)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def issue(
    folder: Path,
    name: str,
    issuer: Issued | None = None,
    *,
    host: str = "127.0.0.1",
    begins: dt.datetime = NOW - DAY,
    ends: dt.datetime = NOW + DAY,
    bits: int = 0,
    identifiers: bool = True,
    is_ca: bool = False,
) -> Issued:
    """A certificate for an address or a name, signed by its issuer, or by itself."""
    key = rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    authority = issuer or Issued(None, key, folder)  # type: ignore[arg-type]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if identifiers:
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        if is_ca:
            usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment"), False)
            usage |= dict.fromkeys(("key_agreement", "encipher_only", "decipher_only", "digital_signature"), False)
            builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
    if not is_ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
    certificate = builder.sign(authority.key, hashes.SHA256())
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return Issued(certificate, key, path)


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
