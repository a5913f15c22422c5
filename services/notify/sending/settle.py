"""Settles messages whose provider was asked and whose answer was lost. Nothing is sent here."""

from datetime import timedelta

import httpx2
import structlog

from contracts.codes import Channel
from services.notify import handlers
from services.notify.model.contact import Contact
from services.notify.model.message import (
    Message,
    Report,
    State,
    Step,
    lose_answer,
    still_unknown,
)
from services.notify.sending.tools import Tools
from services.notify.store import taken_elsewhere

log = structlog.get_logger()

_CLOCKS_APART = timedelta(minutes=1)
"""How far the provider's clock may be behind ours."""


async def give_up_waiting(tools: Tools, message: Message) -> None:
    """Take a message whose answer has not come in time as unknown: a crash, or a lost answer."""
    now = tools.clock.now()

    def lose(current: Message) -> Step:
        if current.state is not State.SENDING or (current.next_due or now) > now:
            return current, ()
        return lose_answer(current, now)

    await handlers.change(tools.store, message.id, lose)


async def settle(tools: Tools, message: Message) -> None:
    """Look an unknown message up at its provider; after a while it stays for a person to see."""
    word = await _look_up(tools, message)
    now = tools.clock.now()
    if word is not None:
        await handlers.report(tools.store, message.id, word, now)
        return

    def keep(current: Message) -> Step:
        return (still_unknown(current, now) if current.state is State.UNKNOWN else current), ()

    await handlers.change(tools.store, message.id, keep)


async def _look_up(tools: Tools, message: Message) -> Report | None:
    """Return what the provider's list says: the words and the number must be this message's."""
    if message.channel is not Channel.SMS or message.asked_at is None:
        return None
    contact = await tools.store.get(Contact, message.person)
    reach = await tools.book.open(contact) if contact else None
    if reach is None or reach.phone is None:
        return None
    if tools.book.number_of(reach.phone) != message.number:
        return None
    try:
        listed = await tools.providers[message.channel].look_up(reach.phone, message.asked_at)
    except (httpx2.HTTPError, ValueError, KeyError) as error:
        log.warning("settle.unreachable", message=message.id, error=type(error).__name__)
        return None
    for each in listed:
        if tools.book.hash(each.body) != message.body_hash:
            continue
        if each.created_at < message.asked_at - _CLOCKS_APART:
            continue
        sid = each.report.provider_id
        if sid is not None and not await taken_elsewhere(tools.store, sid, message.id):
            return each.report
    return None
