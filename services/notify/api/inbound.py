"""A text as the carrier hands it over: whose it is, what it means, and what must never be kept."""

import structlog

from contracts.codes import Channel, Language, ReplyCode
from services.notify.api.context import Context
from services.notify.help_texts import NOTHING_SAID
from services.notify.help_words import help_words
from services.notify.model.answers import read_choice, read_reply
from services.notify.model.asking import Taken, tells_of_crisis
from services.notify.model.contact import Book, Contact
from services.notify.model.conversation import Conversation
from services.notify.model.crisis import crisis_in
from services.notify.model.keywords import language_of
from services.notify.model.message import conversation_of
from services.notify.model.redaction import redact
from services.notify.offer_texts import read_answer
from services.notify.receiving import Incoming, Received, receive
from services.notify.store import in_household, not_theirs, people_on

log = structlog.get_logger()

LONGEST_TEXT = 1_600
"""Characters of one text, as Twilio takes them."""

_PICTURE = "[foto · picture]"
"""Stands for the words where only a picture came; it is not fetched from the carrier."""

_MOST_PICTURES = 10

_CARRIERS = {"STOP": ReplyCode.STOP, "START": ReplyCode.START, "HELP": ReplyCode.HELP}
"""The carrier's own reading of its opt-out words, where that is switched on."""


async def take_text(
    context: Context, sid: str, phone: str, words: str, *, kind: str, media: str
) -> str:
    """Take a text; returns what the carrier is to answer by itself, as TwiML.

    Args:
        context: what it takes.
        sid: the carrier's id of it.
        phone: where it came from.
        words: as they came.
        kind: the carrier's reading of its own words.
        media: how many pictures came with it.
    """
    number = context.book.number_of(phone)
    if number is None:
        return NOTHING_SAID
    pictures = min(int(media), _MOST_PICTURES) if media.isdecimal() else 0
    words = redact(words[:LONGEST_TEXT])
    asking = await help_words(context.store)
    known = [each for group in asking.values() for each in group]
    reply = _CARRIERS.get(kind) or read_reply(words, known)
    people = await people_on(context.store, number)
    book = await _book_of(context, people)
    if reply is ReplyCode.NEED and book is Book.AGENCIES:
        reply = ReplyCode.OTHER  # a family's word; of an agency it is an ordinary sentence
    offer = None
    if reply not in _CARRIERS.values():
        offer = await read_answer(context.store, people, words, context.clock.now())
    if offer is not None:
        reply, book = ReplyCode.OFFER, Book.AGENCIES
        people = list(dict.fromkeys([offer.contact, *people]))
    alarm = crisis_in(words) if book is Book.PEOPLE else None
    if alarm is not None and reply is ReplyCode.WRONG_NUMBER:
        reply = ReplyCode.OTHER  # a number given up would get no numbers of an emergency
    shown = words.strip() or (_PICTURE if pictures else "")
    # Sealed before the transaction: the vault is another database.
    text = await context.book.seal(book, people[0], shown) if people and shown else None
    asked = None
    if await _asks(context, reply, people, book, alarm):
        asked = await context.help_texts.sealed(
            sid, tuple(people), shown, phone, crisis=alarm is not None
        )
    incoming = Incoming(
        id=sid,
        number=number,
        reply=reply,
        people=tuple(people),
        book=book,
        text=text,
        asked=asked,
        offer=offer,
        crisis=tells_of_crisis(words) or alarm is not None,
        alarm=alarm,
        choice=read_choice(words),
        pictures=pictures,
        strangers=await _strangers(context, reply, people, number),
    )
    received = await receive(
        context.store, incoming, context.clock.now(), a_day=context.requests_a_day
    )
    return await _said(context, incoming, received, words)


async def _said(context: Context, incoming: Incoming, received: Received, words: str) -> str:
    """Return what the carrier says by itself, to a number that is nobody's or asks too often."""
    asking = await help_words(context.store)
    spoken = incoming.alarm or language_of(words, asking)
    texts, number = context.help_texts, incoming.number
    if received.taken is Taken.TOO_MANY and incoming.reply is ReplyCode.NEED:
        return await texts.say_enough(number, spoken)
    if incoming.people or received.taken is Taken.TOO_MANY_AND_TOLD:
        return NOTHING_SAID
    log.warning("callbacks.unknown_number", channel=Channel.SMS.value, reply=incoming.reply.value)
    if incoming.alarm is not None:
        return await texts.say_emergency(number, incoming.alarm)
    if incoming.asked is not None:
        return await texts.answer(number, incoming.reply, spoken)
    return await texts.introduce(number, asking) if received.introduce else NOTHING_SAID


async def _book_of(context: Context, people: list[str]) -> Book:
    contact = await context.store.get(Contact, people[0]) if people else None
    return contact.book if contact else Book.PEOPLE


async def _asks(
    context: Context,
    reply: ReplyCode,
    people: list[str],
    book: Book,
    alarm: Language | None,
) -> bool:
    """Tell whether a text goes to the coordinators as a request of its own.

    Asking for help and words of danger do; so do words of a family that are about no referral on
    which anybody would read them.
    """
    if alarm is not None or reply is ReplyCode.NEED:
        return True
    if reply is not ReplyCode.OTHER or not people or book is not Book.PEOPLE:
        return False
    talk = await context.store.get(Conversation, conversation_of(people[0], Channel.SMS))
    about = talk.about(reply, context.clock.now()) if talk else None
    return about is None or about.referral is None


async def _strangers(
    context: Context, reply: ReplyCode, people: list[str], number: str
) -> tuple[str, ...]:
    if reply is ReplyCode.WRONG_NUMBER and people:
        return tuple(await in_household(context.store, people[0], number))
    if reply is ReplyCode.START:
        return tuple(await not_theirs(context.store, number))
    return ()
