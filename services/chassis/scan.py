"""The scan of a signed paper: what may be stored, and what is remembered of it. Pure."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from contracts.sealed import Sealed
from services.chassis.errors import EnlaceError, Kind
from services.chassis.limits import Largest, too_large

MAX_SCAN = 10 * 1024 * 1024
"""Bytes of a scan: twenty pages in colour."""

LARGEST_SCAN = Largest(
    MAX_SCAN,
    "scan it in black and white or at 200 dpi",
    "escanéelo en blanco y negro o a 200 ppp",
)


class ScanKind(StrEnum):
    """What a scan is, as its media type."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"


class Scan(BaseModel):
    """What a consent or an agreement remembers of its stored paper.

    Attributes:
        id: of the encrypted file. Without the key here nobody reads it.
        key: the file's own data key, sealed under the key of whom or what the paper is about.
        fingerprint: keyed hash of the bytes, to tell a repeat from another paper.
        size: in bytes, before encryption.
        stored_by: subject of the member of staff.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: ScanKind
    size: int
    key: Sealed
    fingerprint: str
    stored_at: datetime
    stored_by: str


_STARTS = (
    (b"%PDF-", ScanKind.PDF),
    (b"\xff\xd8\xff", ScanKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", ScanKind.PNG),
)
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc")


def kind_of(content: bytes) -> ScanKind:
    """Return what a file is, by what it holds: a name or a header can say anything.

    Raises:
        EnlaceError: it is empty, too large, or none that can be kept.
    """
    if not content:
        raise EnlaceError(
            "scan-empty",
            Kind.MALFORMED,
            "The file is empty. Nothing was stored: choose the scan.",
            es="El archivo está vacío. No se guardó nada: elija la copia escaneada.",
        )
    if len(content) > MAX_SCAN:
        raise too_large(LARGEST_SCAN)
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    if content[4:12] in _HEIC:
        raise EnlaceError(
            "scan-type",
            Kind.MALFORMED,
            "This is a HEIC photo, as an iPhone takes it. Nothing was stored: send it as JPEG "
            "(Settings, Camera, Formats, Most Compatible), or scan it to PDF in Notes.",
            es="Es una foto HEIC, como las toma un iPhone. No se guardó nada: envíela como "
            "JPEG (Ajustes, Cámara, Formatos, El más compatible), o escanéela a PDF en "
            "Notas.",
        )
    raise EnlaceError(
        "scan-type",
        Kind.MALFORMED,
        "This file is no PDF, JPEG or PNG, whatever its name says. Nothing was stored: save the "
        "scan as one of these and send it again.",
        es="Este archivo no es PDF, JPEG ni PNG, diga lo que diga su nombre. No se guardó "
        "nada: guarde la copia en uno de esos formatos y envíela de nuevo.",
    )
