"""A colleague answers what a family wrote, under the own name."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field

from contracts.codes import Template
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, TwoTonguesError, rule, unknown
from services.chassis.fields import Id
from services.chassis.http.commands import Body, Identifier, check_repeat, identifier
from services.chassis.sight import Bearer
from services.notify import handlers
from services.notify.api.context import Context
from services.notify.model.cause import KnownReferral
from services.notify.model.contact import Book, Contact
from services.notify.model.conversation import Reply
from services.notify.model.notice import Notice, notice_for

LONGEST_REPLY = 480
"""Characters: three parts in the long alphabet would be 201, in the short one 459."""


def _words(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise TwoTonguesError(
            "write what the family is to read", "escriba lo que la familia va a leer"
        )
    return words


Words = Annotated[str, Field(max_length=LONGEST_REPLY), AfterValidator(_words)]


class StaffReplyBody(Body):
    """What a colleague answers.

    Attributes:
        words: in the family's language; they go out as they are, after the colleague's name.
        person: to whom; absent: whoever of the family wrote last about this referral.
    """

    words: Words
    person: Id | None = None


class StaffReplyView(Body):
    """An answer that is on its way: it waits for the morning unless the family is writing."""

    id: str
    referral: str
    person: str


def replies_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["messages"])

    @router.put("/referrals/{id}/staff-replies/{reply}")
    async def put_reply(
        id: Identifier,
        reply: Identifier,
        body: StaffReplyBody,
        caller: Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM))],
        bearer: Bearer,
    ) -> StaffReplyView:
        """Answer the family under one's own name; the same answer again sends nothing new."""
        referral = await context.store.get(KnownReferral, identifier(id))
        if referral is None:
            raise unknown("referral")
        caller.need_site(referral.site, Role.COORDINATOR, Role.CARE_TEAM, what="referral")
        await context.sight.need(referral.id, referral.category, bearer, what="referral")
        person = await _recipient(context, referral, body.person)
        said = f"{caller.name}\n{body.words}"
        known = await context.store.get(Notice, identifier(reply))
        if known is not None:
            before = await context.book.read(Book.PEOPLE, known.said)
            check_repeat(f"{known.referral} {before}", f"{referral.id} {said}")
        else:
            await _open(context, referral, identifier(reply), person, said)
        return StaffReplyView(id=identifier(reply), referral=referral.id, person=person)

    return router


async def _recipient(context: Context, referral: KnownReferral, wanted: str | None) -> str:
    """Return who is answered: somebody of the family, to whom this referral is told.

    Raises:
        EnlaceError: nobody of the family has written about it, or it is somebody else.
    """
    if wanted is None:
        query = {"referral": referral.id, "book": Book.PEOPLE.value, "person": {"$ne": None}}
        newest = context.store.find(Reply, query, sort=[("at", -1)], limit=1)
        wanted = next(iter([each.person async for each in newest]), None)
    if wanted is None:
        raise rule(
            "nobody-wrote",
            "Nobody of the family has written about this referral yet, so there is nobody to "
            "answer. Nothing was sent: call them, or name the person.",
            es="Nadie de la familia ha escrito todavía sobre esta derivación, así que no hay a "
            "quién responder. No se envió nada: llámeles, o nombre a la persona.",
        )
    contact = await context.store.get(Contact, wanted)
    student = await context.store.get(Contact, referral.student)
    household = student.household if student else referral.family
    if contact is None or contact.book is not Book.PEOPLE or contact.household != household:
        raise unknown("contact")
    return contact.id


async def _open(context: Context, referral: KnownReferral, id: str, person: str, said: str) -> None:
    now = context.clock.now()
    sealed = await context.book.seal(Book.PEOPLE, person, said)
    if sealed is None:
        raise _erased()
    notice = notice_for(Template.STAFF_REPLY, cause=id, at=now, now=now, book=Book.PEOPLE, id=id)
    if notice is not None:
        about = {"person": person, "referral": referral.id, "site": referral.site}
        await handlers.open_notice(context.store, notice.having(said=sealed, **about))


def _erased() -> EnlaceError:
    return rule(
        "erased",
        "This family was erased. Nothing was sent.",
        es="Los datos de esta familia se borraron. No se envió nada.",
    )
