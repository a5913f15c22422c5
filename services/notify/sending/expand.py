"""Looks at a notice: finds the people who are to be told by now, and queues their messages."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from contracts.codes import Audience
from contracts.messages import MessageQueued
from services.chassis.errors import EnlaceError
from services.notify import handlers
from services.notify.model.cause import KnownOffering, KnownReferral, LinkSource
from services.notify.model.contact import Book, Contact
from services.notify.model.message import Message
from services.notify.model.notice import Notice, message_for
from services.notify.model.rules import rule_of
from services.notify.sending.tools import Tools
from services.notify.store import contacts_of
from services.notify.wording.languages import written_in

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look has found.

    Attributes:
        over: nobody else is to come.
    """

    contacts: tuple[Contact, ...] = ()
    links: tuple[LinkSource, ...] = ()
    site: str | None = None
    over: bool = False


_NOTHING_YET = _Found()


async def look(tools: Tools, id: str) -> None:
    """Look at one notice that is due.

    Raises:
        PyMongoError: a database is away; it stays due.
    """
    notice = await tools.store.get(Notice, id)
    now = tools.clock.now()
    if notice is None or notice.next_due is None or notice.next_due > now:
        return
    found = await _find(tools, notice)
    notice = notice.having(site=notice.site or found.site)
    made = []
    for contact in found.contacts:
        if contact.id not in notice.told:
            queued = await _write(tools, notice, contact, found.links, now)
            if queued is not None:
                made.append(queued)
    await handlers.close_look(tools.store, notice, made, now, over=found.over)


async def _write(
    tools: Tools, notice: Notice, contact: Contact, links: tuple[LinkSource, ...], now: datetime
) -> tuple[Message, MessageQueued] | None:
    """Return a recipient's message; None for one who may not or cannot be told."""
    try:
        reach = await tools.book.open(contact)
    except EnlaceError as error:  # the others of the family are told all the same
        log.warning("notice.unreadable", contact=contact.id, error=error.slug)
        return None
    danger = rule_of(notice.template).danger
    if reach is None or not (reach.may_be_told or danger):
        return None
    number = tools.book.number_of(reach.phone)
    wrong = number is not None and contact.wrong == number and not danger
    if wrong and reach.email is not None:
        reach = replace(reach, phone=None)
    languages = await tools.district.languages()
    language, also = written_in(languages, notice.language or reach.reads)
    return message_for(notice, contact.id, reach, language, links, now, also=also)


async def _find(tools: Tools, notice: Notice) -> _Found:
    if notice.claim is not None:
        return await _claimant(tools, notice, notice.claim)
    if notice.person is not None:
        return await _one(tools, notice, notice.person)
    return await _family(tools, notice)


async def _one(tools: Tools, notice: Notice, person: str) -> _Found:
    contact = await tools.store.get(Contact, person)
    if contact is None:
        return _NOTHING_YET
    if notice.site is not None or notice.referral is None:
        return _Found((contact,), notice.links, notice.site, over=True)
    # The event named no school; a message without its sender's name is no message.
    referral = await tools.store.get(KnownReferral, notice.referral)
    if referral is None:
        return _NOTHING_YET
    return _Found((contact,), notice.links, referral.site, over=True)


async def _claimant(tools: Tools, notice: Notice, claim: str) -> _Found:
    offering = await tools.store.get(KnownOffering, notice.referral or "")
    who = offering.claims.get(claim) if offering else None
    if who is None:
        return _NOTHING_YET
    contact = await tools.store.get(Contact, who.contact)
    referral = await tools.store.get(KnownReferral, notice.referral or "")
    if contact is None or referral is None:
        return _NOTHING_YET
    if who.batch:
        # Their contact was told how many there are, with the page of all of them.
        return _Found(site=referral.site, over=True)
    return _Found((contact,), (who.link,), referral.site, over=True)


async def _family(tools: Tools, notice: Notice) -> _Found:
    referral = await tools.store.get(KnownReferral, notice.referral or "")
    if referral is None:
        return _NOTHING_YET
    audience = notice.audience or referral.audience
    links = (referral.family_link,)
    match audience:
        case Audience.GUARDIAN:
            contacts = await contacts_of(tools.store, await _household(tools, referral))
            return _Found(tuple(contacts), links, referral.site)
        case Audience.STUDENT:
            student = await tools.store.get(Contact, referral.student)
            if student is None or student.book is not Book.PEOPLE:
                return _NOTHING_YET
            return _Found((student,), links, referral.site, over=True)
        case _:
            # Nobody, or a code of a later release: absent means nobody.
            return _Found(site=referral.site, over=True)


async def _household(tools: Tools, referral: KnownReferral) -> str:
    """Return the household whose people are told: the child's, as it is by now.

    A merge or a roster may have taken the child into another one since the need was written down.
    """
    student = await tools.store.get(Contact, referral.student)
    if student is None or student.book is not Book.PEOPLE:
        return referral.family
    return student.household
