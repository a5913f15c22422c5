"""Writes messages on the console: for a machine without a carrier, where nobody is to be texted."""

import sys
from typing import ClassVar, TextIO

from services.notify.model.message import Report, ReportKind
from services.notify.providers.base import Parcel, Provider


class Console(Provider):
    """Shows what would be sent, address and words: never for real people.

    Args:
        out: where it is written; standard output where it is not given.
    """

    name: ClassVar[str] = "console"

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    async def _send(self, parcel: Parcel) -> Report:
        words = f"{parcel.subject}: {parcel.body}" if parcel.subject else parcel.body
        self._out.write(f"to {parcel.to}: {words}\n")
        self._out.flush()
        return Report(ReportKind.ACCEPTED, provider_id=f"console-{parcel.message}")
