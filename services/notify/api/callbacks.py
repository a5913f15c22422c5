"""The carrier's webhooks: what became of a text, and what people text back.

Both are signed; both may come twice, late and in any order. An answer that was taken is an empty
TwiML document: whatever we have to say goes out as a message of its own. Only a stranger who asks
for help is answered in it, for a message of our own goes to contacts alone, and a number that has
asked too often.
"""

from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request, Response

from services.chassis.auth import Allow
from services.chassis.errors import EnlaceError, Kind, forbidden
from services.chassis.links import same
from services.notify import handlers
from services.notify.api.context import Context
from services.notify.api.inbound import LONGEST_TEXT, take_text
from services.notify.providers.twilio import sign
from services.notify.providers.twilio_codes import of_status

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Webhook:
    """A form whose signature was right."""

    form: dict[str, str]

    def need(self, field: str) -> str:
        """Return a field.

        Raises:
            EnlaceError: it is missing.
        """
        value = self.form.get(field, "")
        if not value or len(value) > LONGEST_TEXT:
            raise EnlaceError(
                "malformed",
                Kind.MALFORMED,
                f"The webhook lacks {field}, or it is too long.",
                es=f"Al webhook le falta {field}, o es demasiado largo.",
            )
        return value


def callbacks_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(
        prefix="/v1/callbacks/twilio", tags=["callbacks"], dependencies=[Depends(Allow())]
    )

    async def signed(request: Request) -> Webhook:
        """Let only the carrier in, by `X-Twilio-Signature`.

        Raises:
            EnlaceError: the signature is missing or wrong (403).
        """
        fields = [(name, str(value)) for name, value in (await request.form()).multi_items()]
        query = f"?{request.url.query}" if request.url.query else ""
        url = f"{context.callbacks}{request.url.path}{query}"
        given = request.headers.get("X-Twilio-Signature", "")
        if not any(same(given, sign(each, url, fields)) for each in context.carrier_tokens):
            log.warning("callbacks.wrong_signature")
            raise forbidden(
                "The signature is not the carrier's. Check the account's token and the address "
                "that the carrier was given: both are part of what it signs.",
                es="La firma no es la del operador. Revise el token de la cuenta y la dirección "
                "que se le dio: las dos son parte de lo que firma.",
            )
        return Webhook(dict(fields))

    carrier = Annotated[Webhook, Depends(signed)]

    @router.post("/status/{message}", status_code=204)
    async def status(message: str, webhook: carrier) -> None:
        """Take a status of a text; one of a message that is not here is left alone."""
        code = webhook.form.get("ErrorCode", "")
        word = of_status(
            webhook.need("MessageStatus"),
            webhook.need("MessageSid"),
            int(code) if code.isdecimal() else None,
        )
        if word is None:
            return
        if not await handlers.report(context.store, message, word, context.clock.now()):
            log.warning("callbacks.unknown_message", message=message[:36])

    @router.post("/inbound")
    async def inbound(webhook: carrier) -> Response:
        """Take a text that somebody sent us."""
        said = await take_text(
            context,
            webhook.need("MessageSid"),
            webhook.need("From"),
            webhook.form.get("Body", ""),
            kind=webhook.form.get("OptOutType", ""),
            media=webhook.form.get("NumMedia", ""),
        )
        return Response(said, media_type="text/xml")

    return router
