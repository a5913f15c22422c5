"""Lines of a conversation: what was sent and what came in, opened for whoever may read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.codes import Channel, Language, ReplyCode, Template
from services.chassis.http.commands import Body
from services.chassis.store import Store
from services.notify.book import AddressBook
from services.notify.model.contact import Book
from services.notify.model.conversation import Reply
from services.notify.model.message import Message, State

Row = Message | Reply


class Line(Body):
    """One text or mail of a conversation.

    Attributes:
        outgoing: whether we wrote it.
        text: the words, links without their secret; None once the person was erased.
        referral: what it is about; None: about none, or nobody knows.
        reply: what an answer was taken to mean.
        crisis: the words sound like danger.
        pictures: how many came with it; they are not kept.
    """

    outgoing: bool
    at: datetime
    person: str | None
    channel: Channel
    text: str | None
    referral: str | None = None
    template: Template | None = None
    language: Language | None = None
    reads: Language | None = None
    state: State | None = None
    reply: ReplyCode | None = None
    crisis: bool = False
    pictures: int = 0


def moment_of(row: Row) -> datetime:
    """Return when it was said."""
    return (row.asked_at or row.created_at) if isinstance(row, Message) else row.at


async def rows_of(store: Store, query: Mapping[str, Any], most: int = 2_000) -> list[Row]:
    """Return what was written to families and by them, newest first, unopened.

    Args:
        store: notify's.
        query: by referral or by person; agencies' messages are no family's conversation.
        most: of each direction, the newest.
    """
    of_people = {**query, "book": Book.PEOPLE.value}
    sent = store.find(Message, of_people, sort=[("created_at", -1)], limit=most)
    came = store.find(Reply, of_people, sort=[("at", -1)], limit=most)
    rows: list[Row] = [*[each async for each in sent], *[each async for each in came]]
    return sorted(rows, key=lambda row: (moment_of(row), row.id), reverse=True)


async def line_of(book: AddressBook, row: Row) -> Line:
    """Open one line."""
    text = await book.read(row.book, row.text)
    if isinstance(row, Reply):
        return Line(
            outgoing=False,
            at=row.at,
            person=row.person,
            channel=Channel.SMS,
            text=text,
            referral=row.referral,
            reply=row.reply,
            crisis=row.crisis,
            pictures=row.pictures,
        )
    return Line(
        outgoing=True,
        at=moment_of(row),
        person=row.person,
        channel=row.channel,
        text=text,
        referral=row.referral,
        template=row.template,
        language=row.language,
        reads=row.reads,
        state=row.state,
    )
