"""Agencies' texts about offers: whose they are, and which offer they mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.agencies import OffersBatched
from contracts.codes import Channel, OfferReply
from contracts.messages import BatchReplied, OfferReplied
from contracts.offerings import OfferingOpened
from services.chassis.ids import new_id
from services.chassis.store import Change, Found, Ref, Store
from services.notify.model.message import conversation_of
from services.notify.model.offer_texts import (
    Numbered,
    OfferCodes,
    OfferText,
    numbers_in,
    read_offer_text,
    speaks_of_seats,
)


@dataclass(frozen=True, slots=True)
class Answered:
    """An agency's text about an offer.

    Attributes:
        contact: of the agency, from whose number it came.
        site: the school whose offer it is; of an unclear one the school that asked last.
        event: what partner is told; None where it is not clear which offer is meant, or what.
    """

    contact: str
    site: str
    event: OfferReplied | BatchReplied | None


async def number_offers(store: Store, event: OfferingOpened, at: datetime) -> dict[str, str]:
    """Give every offer a number among those of its contact; returns them by offer."""
    asked = [each for each in event.offers if each.contact]
    refs = {each.contact: Ref(OfferCodes, each.contact) for each in asked}

    def number(found: Found) -> Change[dict[str, str]]:
        books = []
        for contact, ref in refs.items():
            mine = [
                Numbered(
                    offer=each.offer,
                    referral=event.referral,
                    service=each.service,
                    site=event.site,
                    at=at,
                )
                for each in asked
                if each.contact == contact
            ]
            books.append((found.get(ref) or OfferCodes(id=contact)).number(mine, at))
        codes = {each.offer: code for book in books for code, each in book.codes.items()}
        changed = [book for book in books if book != found.get(Ref(OfferCodes, book.id))]
        return Change({each.offer: codes[each.offer] for each in asked}, changed)

    return await store.update(list(refs.values()), number)


async def number_batch(store: Store, event: OffersBatched, at: datetime) -> str:
    """Give many offers that were made at once one number of their contact's; returns it."""
    ref = Ref(OfferCodes, event.contact)
    many = Numbered(offer=event.batch, referral="", service="", site=event.site, at=at, batch=True)

    def number(found: Found) -> Change[str]:
        known = found.get(ref)
        book = (known or OfferCodes(id=event.contact)).number([many], at)
        return Change(book.code_of(event.batch) or "", [] if book == known else [book])

    return await store.update([ref], number)


async def read_answer(
    store: Store, people: Iterable[str], words: str, now: datetime
) -> Answered | None:
    """Return what an agency's text says of an offer; None where it speaks of none.

    Args:
        store: notify's.
        people: whose number it came from.
        words: as they came.
        now: when it came in.
    """
    books = [book for each in people if (book := await store.get(OfferCodes, each)) and book.codes]
    if not books:
        return None
    text = read_offer_text(words)
    if text is None:
        numbers = numbers_in(words)
        spoken = any(number in book.codes for book in books for number in numbers)
        return _unclear(books) if spoken or speaks_of_seats(words) else None
    meant = {found.offer: (book, found) for book in books if (found := book.meant(text))}
    if len(meant) != 1:
        return _unclear(books)
    [(book, offer)] = meant.values()
    if offer.batch:
        told = _of_many(book.id, offer, text)
        return _unclear(books) if told is None else Answered(book.id, offer.site, told)
    if text.take not in {None, 1}:
        return _unclear(books)
    return Answered(book.id, offer.site, _told(book.id, offer, text, now))


def _told(contact: str, offer: Numbered, text: OfferText, now: datetime) -> OfferReplied:
    return OfferReplied(
        conversation=conversation_of(contact, Channel.SMS),
        person=contact,
        referral=offer.referral,
        offer=offer.offer,
        reply=text.reply,
        seats=text.seats,
        reason=text.reason,
        topics=text.topics,
        at=now,
    )


def _of_many(contact: str, batch: Numbered, text: OfferText) -> BatchReplied | None:
    """Return what is told of many; a yes that does not say how many is not guessed at.

    Nor is asked of all of them at once what is one family's.
    """
    asks = text.reply is OfferReply.QUESTION
    if asks or (text.reply is not OfferReply.NO and text.take is None):
        return None
    return BatchReplied(
        conversation=conversation_of(contact, Channel.SMS),
        person=contact,
        batch=batch.offer,
        reply=text.reply,
        take=text.take,
        reason=text.reason,
        inbound=new_id(),
    )


def _unclear(books: list[OfferCodes]) -> Answered:
    newest = max((each.at, book.id, each.site) for book in books for each in book.codes.values())
    _, contact, site = newest
    return Answered(contact, site, None)
