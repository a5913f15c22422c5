"""What notify holds on people, for the export that referral makes for a family."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from contracts.codes import Channel, Language, ReplyCode, Template
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import forbidden
from services.chassis.http.commands import Body
from services.notify.api.context import Context
from services.notify.model.contact import Book
from services.notify.model.conversation import Reply
from services.notify.model.message import Message

_MOST = 5_000

Id = Annotated[str, Field(max_length=36)]


class RecordsBody(Body):
    """Whose conversations, and about which referrals; those about none are always among them."""

    persons: tuple[Id, ...] = Field(max_length=50)
    referrals: tuple[Id, ...] = Field(max_length=1_000)


class RecordLine(Body):
    """One text or mail. `text` is null where its words can no longer be read."""

    at: datetime
    outgoing: bool
    person: str
    channel: Channel
    language: Language | None = None
    template: Template | None = None
    reply: ReplyCode | None = None
    referral: str | None = None
    text: str | None


def records_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["records"])
    service = Annotated[Principal, Depends(Allow(Role.SERVICE))]

    @router.post("/person-records")
    async def get_records(body: RecordsBody, caller: service) -> list[RecordLine]:
        """Return what was written to people and by them, oldest first, for referral alone."""
        if caller.subject != "referral":
            raise forbidden(
                "Only referral asks for what is held on people.",
                es="Solo el servicio de derivaciones pide lo que se guarda sobre personas.",
            )
        query = {
            "person": {"$in": list(body.persons)},
            "referral": {"$in": [*body.referrals, None]},
            "book": Book.PEOPLE.value,
        }
        lines = [
            RecordLine(
                at=each.asked_at or each.created_at,
                outgoing=True,
                person=each.person,
                channel=each.channel,
                language=each.language,
                template=each.template,
                referral=each.referral,
                text=await context.book.read(each.book, each.text),
            )
            # One that waits or never went has no words: nobody was told anything.
            async for each in context.store.find(
                Message, {**query, "asked_at": {"$ne": None}}, limit=_MOST
            )
        ]
        lines += [
            RecordLine(
                at=each.at,
                outgoing=False,
                person=each.person or "",
                channel=Channel.SMS,
                reply=each.reply,
                referral=each.referral,
                text=await context.book.read(each.book, each.text),
            )
            async for each in context.store.find(Reply, query, limit=_MOST)
        ]
        return sorted(lines, key=lambda line: line.at)

    return router
