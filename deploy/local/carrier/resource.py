"""A text as Twilio's API shows it, and as its webhooks tell of it."""

from datetime import UTC, datetime
from email.utils import format_datetime

from deploy.local.carrier.errors import FAILURES
from deploy.local.carrier.model import Direction, Message, Status
from deploy.local.carrier.numbers import country

API_VERSION = "2010-04-01"


def messages_uri(account_sid: str) -> str:
    """Path of the account's list of messages, without the suffix."""
    return f"/{API_VERSION}/Accounts/{account_sid}/Messages"


def error_text(code: int) -> str:
    """What a delivery error code means."""
    return FAILURES.get(code, f"Delivery error {code}")


def as_resource(message: Message, account_sid: str) -> dict[str, object]:
    """Twilio's message resource; times are RFC 2822, counts are strings.

    While a messaging service has only accepted the text, it has no sender and no segments yet.
    """
    assigned = message.status is not Status.ACCEPTED
    code = message.error_code
    uri = f"{messages_uri(account_sid)}/{message.sid}"
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": _rfc2822(message.created_at),
        "date_sent": None if message.sent_at is None else _rfc2822(message.sent_at),
        "date_updated": _rfc2822(message.updated_at),
        "direction": message.direction.value,
        "error_code": code,
        "error_message": None if code is None else error_text(code),
        "from": message.from_ if assigned else None,
        "messaging_service_sid": message.service_sid,
        "num_media": "0",
        "num_segments": str(message.segments) if assigned else "0",
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status.value,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def callback_form(
    message: Message, account_sid: str, status: Status, error_code: int | None
) -> dict[str, str]:
    """The form that tells the product about a status."""
    form = {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "From": message.from_,
        "MessageSid": message.sid,
        "MessageStatus": status.value,
        "SmsSid": message.sid,
        "SmsStatus": status.value,
        "To": message.to,
    }
    if message.service_sid is not None:
        form["MessagingServiceSid"] = message.service_sid
    if error_code is not None:
        form["ErrorCode"] = str(error_code)
        form["ErrorMessage"] = error_text(error_code)
    return form


def inbound_form(message: Message, account_sid: str) -> dict[str, str]:
    """The form that hands the product a text of the family."""
    assert message.direction is Direction.INBOUND  # noqa: S101 - the caller's kind of job says so
    form = {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "Body": message.body,
        "From": message.from_,
        "FromCountry": country(message.from_),
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": str(message.segments),
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
        "ToCountry": country(message.to),
    }
    if message.service_sid is not None:
        form["MessagingServiceSid"] = message.service_sid
    return form


def _rfc2822(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC))
