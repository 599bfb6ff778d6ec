"""Files with signed C2PA manifests, made on the fly with a certificate of our own; needs the extra `c2pa`."""

from __future__ import annotations

import io
import json
import zlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from media_files import png

DOT = png(
    (b"IHDR", (1).to_bytes(4) + (1).to_bytes(4) + bytes([8, 0, 0, 0, 0])), (b"IDAT", zlib.compress(b"\0\0"))
)
"""A picture of one grey dot."""
GIF = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>'
JPEG = (
    b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xdb\0C\0"
    + b"\xff" * 64
    + b"\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0\xff\xc4\0\x14\0\1"
    + b"\0" * 15
    + b"\xff\xc4\0\x14\x10\1"
    + b"\0" * 16
    + b"\xff\xda\0\x08\1\1\0\0?\0\x37\xff\xd9"
)
CREATED = {
    "action": "c2pa.created",
    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}


def training(label: str = "cawg.training-mining", /, **uses: str) -> dict[str, Any]:
    """An assertion that allows or denies: `training(ai_training="notAllowed")`."""
    prefix = label.partition(".")[0]
    return {
        "label": label,
        "data": {"entries": {f"{prefix}.{key}": {"use": use} for key, use in uses.items()}},
    }


def sign(data: bytes, media_type: str, *assertions: dict[str, Any]) -> bytes:
    """The file with a manifest that makes these assertions."""
    manifest = {
        "claim_generator_info": [{"name": "Hill Courier", "version": "1"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [CREATED]}}, *assertions],
    }
    signed = io.BytesIO()
    c2pa.Builder(json.dumps(manifest)).sign(_signer(), media_type, io.BytesIO(data), signed)
    return signed.getvalue()


def edit(signed: bytes, media_type: str) -> bytes:
    """The signed file with a second, active manifest that says nothing of training and keeps the first."""
    builder = c2pa.Builder(json.dumps({"claim_generator_info": [{"name": "Hill Courier", "version": "1"}]}))
    builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
    edited = io.BytesIO()
    builder.sign(_signer(), media_type, io.BytesIO(signed), edited)
    return edited.getvalue()


def store_of(signed: bytes) -> bytes:
    """The manifest store of a signed PNG."""
    start = signed.index(b"caBX")
    return signed[start + 4 : start + 4 + int.from_bytes(signed[start - 4 : start])]


def pdf(store: bytes) -> bytes:
    """A PDF of one empty page with the store as an associated file (C2PA 2.4 A.4)."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /AF [4 0 R] >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        b"<< /Type /Filespec /AFRelationship /C2PA_Manifest /F (m.c2pa) /UF (m.c2pa) /EF << /F 5 0 R >> >>",
        b"<< /Type /EmbeddedFile /Length %d >>\nstream\n%b\nendstream" % (len(store), store),
    ]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 6\n0000000000 65535 f \n%b" % table
    return out + head + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)


@cache
def _signer() -> c2pa.Signer:
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    chain = (_certificate("Hill signer", key, root, ca=False), _certificate("Hill root", root, root, ca=True))
    pem = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", pem, secret, None))


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: ec.EllipticCurvePrivateKey, *, ca: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name("Hill root"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=ca,
                crl_sign=ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if not ca:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purpose, critical=False)
    return builder.sign(issuer, hashes.SHA256())


def _name(common: str) -> x509.Name:
    attributes = {NameOID.COMMON_NAME: common, NameOID.ORGANIZATION_NAME: "Hill Courier"}
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes.items()])
