"""What the night has held back for one person goes out as one text in the morning."""

from collections.abc import Awaitable, Callable, Sequence

from contracts.codes import Channel, Template
from services.chassis.store import Store
from services.notify.model.cause import LinkSource, Many
from services.notify.model.message import Message, State
from services.notify.model.rules import MERGED, MERGED_FROM

_HELD = "quiet-hours"
_MOST = 20
_LINKS = 2
"""Links in one text: with a third it would take three parts."""


def was_held(message: Message) -> bool:
    """Tell whether a message may be told together with others that the night has held."""
    by_text = message.channel is Channel.SMS
    return by_text and message.waits_for == _HELD and message.template in MERGED


async def held_with(
    store: Store, message: Message, may_go: Callable[[Message], Awaitable[bool]]
) -> tuple[Message, ...]:
    """Return those that go out within this message; none where they are too few.

    Args:
        store: notify's.
        message: what is about to be sent.
        may_go: each is looked at like one that is sent alone; what may not go is left to itself.
    """
    if not was_held(message):
        return ()
    query = {
        "conversation": message.conversation,
        "state": State.WAITING.value,
        "waits_for": _HELD,
        "template": {"$in": [each.value for each in MERGED]},
        "next_due": {"$lte": message.next_due},
        "_id": {"$ne": message.id},
    }
    held = [each async for each in store.find(Message, query, sort=[("_id", 1)], limit=_MOST)]
    if len(held) + 1 < MERGED_FROM:
        return ()
    going = [each for each in held if await may_go(each)]
    # One text about several has a page to show them on.
    with_page = any(each.links for each in (message, *going))
    return tuple(going) if with_page and len(going) + 1 >= MERGED_FROM else ()


def as_one(message: Message, others: Sequence[Message]) -> Message:
    """Return the message that tells of all of them; only its words are made from it."""
    links: dict[str, LinkSource] = {
        link.subject: link for each in (message, *others) for link in each.links
    }
    return message.having(
        template=Template.FAMILY_SEVERAL,
        links=tuple(links.values())[:_LINKS],
        many=Many(count=1 + len(others)),
    )
