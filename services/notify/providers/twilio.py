"""Texts through Twilio's Messages API; the carrier simulator speaks it too.

There is no idempotency key: an answer that was lost leaves the outcome unknown, and only what
Twilio says later (its callback holds our id) or shows in its list settles it.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, ClassVar

import httpx2

from services.notify.model.message import Report, ReportKind
from services.notify.model.retry import Refusal
from services.notify.providers.base import Found, Parcel, Provider
from services.notify.providers.twilio_codes import of_code, of_status

_NEVER_REACHED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_NOT_TAKEN = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        # Our credentials are the operator's to mend; nobody's message is lost over them.
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
    }
)
"""Statuses that say for certain that the text was not taken, and may be another time."""

_ACCOUNT = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})

_CONNECT_SECONDS = 5.0
_LIST_SIZE = 200


class TwilioSms(Provider):
    """Twilio's account.

    Args:
        url: of the API.
        account: SID.
        token: password of the API.
        from_: our number.
        callbacks: address that status callbacks start with.
        timeout: seconds to wait for an answer.
    """

    name: ClassVar[str] = "twilio"

    def __init__(
        self, *, url: str, account: str, token: str, from_: str, callbacks: str, timeout: float
    ) -> None:
        self._from = from_
        self._callbacks = callbacks
        self._list = f"{url.rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json"
        self._http = httpx2.AsyncClient(
            auth=(account, token),
            timeout=httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS)),
        )

    async def _send(self, parcel: Parcel) -> Report:
        form = {
            "To": parcel.to,
            "From": self._from,
            "Body": parcel.body,
            "StatusCallback": f"{self._callbacks}/v1/callbacks/twilio/status/{parcel.message}",
        }
        try:
            answer = await self._http.post(self._list, data=form)
        except _NEVER_REACHED:
            return Report(ReportKind.NOT_NOW, code="not-reached", refusal=Refusal.NOT_REACHED)
        except httpx2.TransportError as error:
            return Report(ReportKind.UNKNOWN, code=type(error).__name__)
        return _read(answer)

    async def look_up(self, to: str, since: datetime) -> Sequence[Found]:
        """Return our texts to a number from that day on, newest first."""
        query = {
            "To": to,
            "From": self._from,
            "DateSent>": since.astimezone(UTC).date().isoformat(),
            "PageSize": str(_LIST_SIZE),
        }
        answer = await self._http.get(self._list, params=query)
        answer.raise_for_status()
        return [found for each in answer.json()["messages"] if (found := _found(each)) is not None]

    async def close(self) -> None:
        """Close connections."""
        await self._http.aclose()


def _read(answer: httpx2.Response) -> Report:
    document = _json(answer)
    if answer.is_success:
        sid = document.get("sid")
        return _of_body(document) if isinstance(sid, str) else _without_sid(document)
    code = document.get("code")
    told = str(code or answer.status_code)
    # The carrier's own word, with its code, that it took nothing; a gateway's says nothing of that.
    its_own = answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE and isinstance(code, int)
    if its_own or answer.status_code in _NOT_TAKEN:
        refusal = Refusal.ACCOUNT if answer.status_code in _ACCOUNT else Refusal.BUSY
        after = _retry_after(answer)
        return Report(ReportKind.NOT_NOW, code=told, retry_after=after, refusal=refusal)
    if answer.is_server_error:
        # A gateway's timeout or a crash may have come after the text had left.
        return Report(ReportKind.UNKNOWN, code=told)
    return of_code(code) if isinstance(code, int) else Report(ReportKind.TECHNICAL, code=told)


def _of_body(document: dict[str, Any]) -> Report:
    """Return the report for a text that has an id: taken, unless the body says that it failed."""
    code = document.get("error_code")
    told = of_status(
        str(document.get("status", "")),
        str(document["sid"]),
        code if isinstance(code, int) else None,
    )
    return told or Report(ReportKind.ACCEPTED, provider_id=str(document["sid"]))


def _without_sid(document: dict[str, Any]) -> Report:
    """Return the report for a success that names no text: an error inside, or nobody knows."""
    code = document.get("error_code") or document.get("code")
    if isinstance(code, int):
        return of_code(code)
    return Report(ReportKind.UNKNOWN, code="no-sid")


def _json(answer: httpx2.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _retry_after(answer: httpx2.Response) -> timedelta | None:
    """Return how long to wait; a date is read too (RFC 9110, 10.2.3)."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return timedelta(seconds=min(int(text), 86_400))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at - datetime.now(UTC), timedelta())


def _found(each: dict[str, Any]) -> Found | None:
    try:
        created = parsedate_to_datetime(str(each["date_created"]))
        report = of_status(str(each["status"]), str(each["sid"]), each.get("error_code"))
    except (KeyError, ValueError):
        return None
    if report is None or not str(each.get("direction", "")).startswith("outbound"):
        return None
    return Found(str(each.get("body", "")), created, report)


def sign(token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """Return `X-Twilio-Signature` of a webhook.

    Base64 of HMAC-SHA1 over the full URL and the form's names and values, sorted by name.
    """
    text = url + "".join(name + value for name, value in sorted(set(form)))
    # SHA-1 is Twilio's choice; as an HMAC it is not broken.
    mac = hmac.new(token.encode("utf-8"), text.encode("utf-8"), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode("ascii")
