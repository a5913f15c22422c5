"""What notify forgets of a family, and whether it still holds anything of it.

A number's wish for no texts stays: it belongs to the number, and the law asks for it.
"""

from collections.abc import Sequence

from contracts.consents import FamilyErased
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.notify.book import erase
from services.notify.model.contact import Book, Contact
from services.notify.model.conversation import Reply
from services.notify.model.message import Message
from services.notify.model.notice import Notice


async def forget_family(store: Store, event: FamilyErased) -> None:
    """Forget a family's people, their numbers, and the words of every conversation with them."""
    for person in event.persons:
        await erase(store, person, event.family)
    people, referrals = list(event.persons), list(event.referrals)
    about = {"$or": [{"person": {"$in": people}}, {"referral": {"$in": referrals}}]}
    query = {**about, "book": Book.PEOPLE.value}
    messages = [Ref(Message, each.id) async for each in store.find(Message, query)]
    replies = [Ref(Reply, each.id) async for each in store.find(Reply, query)]
    said = {"person": {"$in": people}, "said": {"$ne": None}}
    notices = [Ref(Notice, each.id) async for each in store.find(Notice, said)]
    refs: Sequence[Ref[Message] | Ref[Reply] | Ref[Notice]] = [*messages, *replies, *notices]

    def forget(found: Found) -> Change[None]:
        saved: list[Aggregate] = []
        for ref in messages:
            message = found.get(ref)
            if message is not None:
                saved.append(_wordless(message))
        for answer in replies:
            reply = found.get(answer)
            if reply is not None:
                saved.append(reply.having(text=None))
        saved += [each.having(said=None) for ref in notices if (each := found.get(ref))]
        return Change(None, saved)

    await store.update(refs, forget)


def _wordless(message: Message) -> Message:
    """Return a message without its words and without what would find it at the carrier's."""
    return message.having(
        text=None,
        said=None,
        number=None,
        body_hash=None,
        provider_id=None,
        appointment=None,
    )


async def holds_family(store: Store, family: str) -> bool:
    """Tell whether anybody of a family can still be reached from here.

    The topic with the people is another one than that of erasures: a contact may come later.
    """
    query = {"household": family, "book": Book.PEOPLE.value, "profile": {"$ne": None}}
    return await store.collection(Contact).find_one(query, {"_id": 1}) is not None
