"""Scans of signed papers over HTTP: a file in, the same file out."""

import hashlib
import hmac
from typing import Any

from fastapi import Response

from services.chassis.scan import ScanKind

FILE: dict[str, Any] = {
    each.value: {"schema": {"type": "string", "format": "binary"}} for each in ScanKind
}
"""The media types of a scan, for the API's document."""

BODY: dict[str, Any] = {"requestBody": {"required": True, "content": FILE}}
"""A scan as a body, for the API's document."""

ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": FILE, "description": "The file as it was stored."}
}
"""A scan as an answer, for the API's document."""

_ENDINGS = {ScanKind.PDF: "pdf", ScanKind.JPEG: "jpg", ScanKind.PNG: "png"}


def print_of(secret: bytes, content: bytes) -> str:
    """Return a keyed hash of a file, which tells a repeat from another one."""
    return hmac.new(secret, content, hashlib.sha256).hexdigest()


def handed_out(content: bytes, kind: ScanKind, name: str) -> Response:
    """Return a stored file as an answer.

    Args:
        content: of the file.
        kind: what it is.
        name: of the file, without its ending: of letters, digits and dashes.
    """
    return Response(
        content,
        media_type=kind.value,
        headers={
            # A file that somebody handed in: saved, never run within our pages.
            "Content-Disposition": f'attachment; filename="{name}.{_ENDINGS[kind]}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "no-store",
        },
    )
