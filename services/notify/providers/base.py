"""A provider: hands a message over, and says what came of it. Never raises."""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

import structlog

from services.chassis.consumer.reactions import describe
from services.chassis.telemetry import continuing, meter
from services.notify.model.message import Report, ReportKind

log = structlog.get_logger()

_seconds = meter.create_histogram("enlace.provider.seconds", unit="s")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a provider carries; never stored, never logged.

    Attributes:
        body: the words, as plain text.
        html: the same as a page, of a mail.
        sender: by whose name a mail comes.
        tag: of the school, by which its mails can be told apart.
        languages: of the words.
        calendar: an appointment for the reader's own calendar; empty for none.
        stop_url: where its reader says that no more mail is wanted; empty where that cannot be.
    """

    message: str
    to: str
    body: str
    subject: str = ""
    html: str = ""
    sender: str = ""
    tag: str = ""
    languages: tuple[str, ...] = ()
    stop_url: str = ""
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A message in the provider's own list."""

    body: str
    created_at: datetime
    report: Report


class Provider(ABC):
    """Times, logs and counts every call; a concrete one implements `_send`."""

    name: ClassVar[str]

    async def send(self, parcel: Parcel) -> Report:
        """Hand a message over.

        Returns:
            What is certain: that it was taken, or refused and how. Anything else is UNKNOWN.
        """
        started = time.perf_counter()
        with continuing(None, f"send {self.name}", message=parcel.message):
            try:
                report = await self._send(parcel)
            except Exception as error:  # noqa: BLE001 - the promise: an error we don't know may have sent it
                log.error(  # noqa: TRY400 - a traceback's texts could hold whom it was for
                    "provider.failed",
                    provider=self.name,
                    message=parcel.message,
                    error=describe(error),
                    next="taken as unknown; the provider is asked what became of it",
                )
                report = Report(ReportKind.UNKNOWN, code=type(error).__name__)
        report = replace(report, provider=report.provider or self.name)
        taken = time.perf_counter() - started
        _seconds.record(
            taken, {"provider": report.provider or self.name, "outcome": report.kind.value}
        )
        log.info(
            "provider.answered",
            provider=self.name,
            message=parcel.message,
            outcome=report.kind.value,
            code=report.code,
            seconds=round(taken, 3),
        )
        return report

    async def look_up(self, to: str, since: datetime) -> Sequence[Found]:
        """Return what the provider's list shows of messages to an address; most have no list."""
        del to, since
        return ()

    @abstractmethod
    async def _send(self, parcel: Parcel) -> Report:
        """Make the one call. What it raises is taken as an unknown outcome."""

    async def close(self) -> None:  # noqa: B027 - most hold nothing open
        """Close connections."""
