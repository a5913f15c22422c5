"""Mail through an SMTP server."""

from email.message import EmailMessage
from email.utils import parseaddr
from typing import ClassVar, Literal

import aiosmtplib

from services.notify.model.message import Report, ReportKind
from services.notify.providers.base import Parcel, Provider

_KINDS = {4: ReportKind.NOT_NOW, 5: ReportKind.PERMANENT}

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
    ) -> None:
        self._host, self._port, self._from = host, port, from_
        self._user, self._password = user, password
        self._security = security
        self._timeout = timeout
        self._domain = parseaddr(from_)[1].rpartition("@")[2] or "localhost"

    async def _send(self, parcel: Parcel) -> Report:
        mail = EmailMessage()
        mail["From"] = self._from
        mail["To"] = parcel.to
        mail["Subject"] = parcel.subject
        # The same for every try, so that a mailbox that got it twice can tell.
        mail["Message-ID"] = f"<{parcel.message}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(parcel.body)
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
            return Report(ReportKind.NOT_NOW, code=type(error).__name__)
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


def _refused(code: int) -> Report:
    """Return the report for a reply code: 4yz passes, 5yz stays (RFC 5321, 4.2.1).

    Any other, or none that can be read, may stand behind a mail that was taken.
    """
    kind = _KINDS.get(code // 100, ReportKind.UNKNOWN)
    return Report(kind, code=str(code))
