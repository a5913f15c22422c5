"""Mail through an SMTP server."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from typing import ClassVar, Literal

import aiosmtplib

from services.notify.model.message import Report, ReportKind
from services.notify.model.retry import Refusal
from services.notify.providers.base import Parcel, Provider

_KINDS = {4: ReportKind.NOT_NOW, 5: ReportKind.PERMANENT}

_UNFOLDED = SMTP.clone(max_line_length=990)
"""Folding at 78 would write a long address as encoded words, and no mail program would find it."""

_TAG = re.compile(r"[^A-Za-z0-9-]+")

Security = Literal["none", "starttls", "tls"]


class SmtpMail(Provider):
    """A mail server that takes our mail.

    Args:
        host: of the server.
        port: of the server.
        from_: sender's address.
        user: to sign in with; None where the server asks for none.
        password: of the user.
        security: how the connection is protected.
        timeout: seconds for each step.
        tagged: whether the sender's address says which school writes, as `enlace+site-01@…`.
    """

    name: ClassVar[str] = "smtp"

    def __init__(
        self,
        *,
        host: str,
        port: int,
        from_: str,
        user: str | None,
        password: str | None,
        security: Security,
        timeout: float,
        tagged: bool = False,
    ) -> None:
        self._host, self._port, self._from = host, port, from_
        self._user, self._password = user, password
        self._security = security
        self._timeout = timeout
        self._tagged = tagged
        self._domain = parseaddr(from_)[1].rpartition("@")[2] or "localhost"

    async def _send(self, parcel: Parcel) -> Report:
        mail = self._letter(parcel)
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            timeout=self._timeout,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            username=self._user,
            password=self._password,
        )
        try:
            await client.connect()
        except aiosmtplib.SMTPException as error:
            code, refusal = type(error).__name__, Refusal.NOT_REACHED
            if isinstance(error, aiosmtplib.SMTPAuthenticationError):
                refusal = Refusal.ACCOUNT
            return Report(ReportKind.NOT_NOW, code=code, refusal=refusal)
        try:
            await client.send_message(mail)
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients[0].code)
        except aiosmtplib.SMTPResponseException as error:
            return _refused(error.code)
        except aiosmtplib.SMTPException as error:
            # The server may have taken it before the line was lost.
            return Report(ReportKind.UNKNOWN, code=type(error).__name__)
        finally:
            client.close()
        return Report(ReportKind.ACCEPTED, provider_id=str(mail["Message-ID"]))

    def _letter(self, parcel: Parcel) -> EmailMessage:
        """Return a mail with every header that a signature of its domain (DKIM) should cover."""
        mail = EmailMessage(policy=_UNFOLDED)
        mail["From"] = self._sender(parcel)
        mail["To"] = parcel.to
        mail["Subject"] = parcel.subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        # The same for every try, so that a mailbox that got it twice can tell.
        mail["Message-ID"] = f"<{parcel.message}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if parcel.stop_url:  # RFC 2369 and RFC 8058
            mail["List-Unsubscribe"] = f"<{parcel.stop_url}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(parcel.body)
        if parcel.html:
            mail.add_alternative(parcel.html, subtype="html")
        if parcel.calendar:
            mail.add_attachment(parcel.calendar, subtype="calendar", filename="cita.ics")
        if parcel.languages:  # last: what is there before goes with the first part
            mail["Content-Language"] = ", ".join(parcel.languages)
        return mail

    def _sender(self, parcel: Parcel) -> str:
        """Return who it comes from: by name, at an address that says which school (RFC 5233)."""
        name, address = parseaddr(self._from)
        local, _, domain = address.rpartition("@")
        if self._tagged and parcel.tag and local:
            address = f"{local}+{_TAG.sub('-', parcel.tag)}@{domain}"
        return formataddr((parcel.sender or name, address))


def _refused(code: int) -> Report:
    """Return the report for a reply code: 4yz passes, 5yz stays (RFC 5321, 4.2.1).

    Any other, or none that can be read, may stand behind a mail that was taken.
    """
    kind = _KINDS.get(code // 100, ReportKind.UNKNOWN)
    return Report(kind, code=str(code))
