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

from contracts.codes import Channel, ReplyCode
from services.chassis.auth import Allow
from services.chassis.errors import EnlaceError, Kind, forbidden
from services.chassis.links import same
from services.notify import handlers
from services.notify.api.context import Context
from services.notify.help_texts import NOTHING_SAID
from services.notify.help_words import help_words
from services.notify.model.asking import Taken, tells_of_crisis
from services.notify.model.contact import Book, Contact
from services.notify.model.keywords import language_of, read_reply
from services.notify.offer_texts import read_answer
from services.notify.providers.twilio import sign
from services.notify.providers.twilio_codes import of_status
from services.notify.receiving import Incoming, receive
from services.notify.store import people_on

log = structlog.get_logger()

_LONGEST_TEXT = 1_600
"""Characters of one text, as Twilio takes them."""


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
        if not value or len(value) > _LONGEST_TEXT:
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
        expected = sign(context.carrier_token, url, fields)
        if not same(request.headers.get("X-Twilio-Signature", ""), expected):
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
        return Response(await _receive(context, webhook), media_type="text/xml")

    return router


async def _receive(context: Context, webhook: Webhook) -> str:
    """Take a text; returns what the carrier is to answer by itself, as TwiML."""
    phone = webhook.need("From")
    number = context.book.number_of(phone)
    if number is None:
        return NOTHING_SAID
    words = webhook.form.get("Body", "")[:_LONGEST_TEXT]
    # The carrier's own reading of its opt-out words, where that is switched on.
    kind = {"STOP": ReplyCode.STOP, "START": ReplyCode.START, "HELP": ReplyCode.HELP}
    asking = await help_words(context.store)
    known = [each for group in asking.values() for each in group]
    reply = kind.get(webhook.form.get("OptOutType", "")) or read_reply(words, known)
    people = await people_on(context.store, number)
    contact = await context.store.get(Contact, people[0]) if people else None
    book = contact.book if contact else Book.PEOPLE
    if reply is ReplyCode.NEED and book is Book.AGENCIES:
        reply = ReplyCode.OTHER  # a family's word; of an agency it is an ordinary sentence
    offer = None
    if reply not in {ReplyCode.STOP, ReplyCode.START, ReplyCode.HELP}:
        offer = await read_answer(context.store, people, words, context.clock.now())
    if offer is not None:
        reply, book = ReplyCode.OFFER, Book.AGENCIES
        people = list(dict.fromkeys([offer.contact, *people]))
    # Sealed before the transaction: the vault is another database.
    text = await context.book.seal(book, people[0], words) if people and words else None
    sid = webhook.need("MessageSid")
    asked = None
    if reply is ReplyCode.NEED:
        asked = await context.help_texts.sealed(sid, tuple(people), words, phone)
    incoming = Incoming(
        id=sid,
        number=number,
        reply=reply,
        people=tuple(people),
        book=book,
        text=text,
        asked=asked,
        offer=offer,
        crisis=tells_of_crisis(words),
    )
    taken = await receive(
        context.store, incoming, context.clock.now(), a_day=context.requests_a_day
    )
    if taken is Taken.TOO_MANY:
        return await context.help_texts.say_enough(number, language_of(words, asking))
    if people or taken is Taken.TOO_MANY_AND_TOLD:
        return NOTHING_SAID
    log.warning("callbacks.unknown_number", channel=Channel.SMS.value, reply=reply.value)
    if asked is None:
        return NOTHING_SAID
    return await context.help_texts.answer(number, reply, language_of(words, asking))
