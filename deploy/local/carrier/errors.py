"""Twilio's error codes, their HTTP status, and what goes wrong on the simulator's own routes."""

from dataclasses import dataclass, field

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

# Codes of requests that are refused: HTTP status and text.
REFUSALS: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter."),
    20003: (401, "Authenticate"),
    20009: (409, "The message is still on its way; it can be deleted once that has ended."),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "Service unavailable"),
    20504: (504, "The gateway timed out; the message may have been sent"),
    21211: (400, "Invalid 'To' Phone Number"),
    21212: (400, "Invalid 'From' number, short code or sender id"),
    21266: (400, "'To' and 'From' number cannot be the same"),
    21408: (
        400,
        "Permission to send an SMS has not been enabled for the region of the 'To' number",
    ),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number or a MessagingServiceSid is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number is not a message-capable number of this account"),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "The 'From' number has exceeded the maximum number of queued messages"),
    21612: (400, "The 'To' number is not currently reachable from the 'From' number by SMS"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    21701: (404, "The Messaging Service does not exist"),
}

# Codes of messages that were accepted and did not arrive.
FAILURES: dict[int, str] = {
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered by the carrier",
    30008: "Unknown error",
}


def is_failure(code: int) -> bool:
    """Whether the code is of a message that was accepted first (30000 to 39999)."""
    return 30_000 <= code < 40_000  # noqa: PLR2004 - Twilio's range, named by the function


class TwilioError(Exception):
    """A refusal in Twilio's shape.

    Attributes:
        code: Twilio's error code.
        status: HTTP status.
        retry_after: Seconds for the Retry-After header, if any.
    """

    def __init__(
        self,
        code: int,
        message: str | None = None,
        *,
        status: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        default_status, text = REFUSALS.get(code, (400, f"Error {code}"))
        super().__init__(message or text)
        self.code = code
        self.message = message or text
        self.status = status or default_status
        self.retry_after = retry_after


@dataclass
class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """A refusal on the simulator's own routes, as RFC 9457 problem+json."""

    status: int
    type: str
    title: str
    detail: str
    more: dict[str, object] = field(default_factory=dict)


async def twilio_error_response(_: Request, error: Exception) -> JSONResponse:
    """The JSON that Twilio answers an error with."""
    assert isinstance(error, TwilioError)  # noqa: S101 - registered for this class only
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:  # noqa: PLR2004 - the one status with a challenge
        headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    document = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return JSONResponse(document, error.status, headers)


async def problem_response(_: Request, error: Exception) -> JSONResponse:
    """The problem+json of a `Problem`."""
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class only
    document = {
        "type": f"urn:enlace:carrier:{error.type}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **error.more,
    }
    return JSONResponse(document, error.status, media_type="application/problem+json")


async def malformed_response(request: Request, error: Exception) -> JSONResponse:
    """The problem+json of a body that does not fit its schema."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    reasons = [
        {"at": ".".join(str(part) for part in reason["loc"]), "why": reason["msg"]}
        for reason in error.errors()
    ]
    return await problem_response(
        request,
        Problem(
            422,
            "malformed",
            "The request does not have the expected form",
            "Correct the parts listed under `errors` and send it again; nothing was changed.",
            {"errors": reasons},
        ),
    )
