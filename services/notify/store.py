"""Reading and indexing notify's documents. Changes go through `Store.update` alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.codes import Channel, Language, Template
from contracts.people import PersonKind
from services.chassis.store import Aggregate, Store
from services.notify.model.asking import AskingTally
from services.notify.model.cause import KnownOffering, KnownReferral
from services.notify.model.contact import Book, Contact
from services.notify.model.conversation import Conversation, Reply
from services.notify.model.flood import TextTally
from services.notify.model.message import ON_ITS_WAY, Message, State
from services.notify.model.notice import Notice
from services.notify.model.rules import Priority, rule_of
from services.notify.model.wording import PastWording


async def create_indexes(store: Store) -> None:
    """Make what the queries below need."""
    contacts = store.collection(Contact)
    await contacts.create_index("household")
    await store.collection(AskingTally).create_index("forget_at", expireAfterSeconds=0)
    await contacts.create_index("number", sparse=True)
    await contacts.create_index("wrong", sparse=True)
    await store.collection(TextTally).create_index("forget_at", expireAfterSeconds=0)
    await contacts.create_index("indexed", partialFilterExpression={"indexed": False})
    messages = store.collection(Message)
    await messages.create_index([("priority", 1), ("next_due", 1)])
    await messages.create_index("next_due", sparse=True)
    await messages.create_index([("referral", 1), ("_id", 1)])
    await messages.create_index([("site", 1), ("state", 1), ("created_at", -1), ("_id", -1)])
    await messages.create_index([("state", 1), ("created_at", -1), ("_id", -1)])
    await messages.create_index([("created_at", -1), ("_id", -1)])
    await messages.create_index("provider_id", sparse=True)
    await store.collection(Notice).create_index([("priority", 1), ("next_due", 1)])
    await messages.create_index(
        [("month", 1), ("site", 1)], partialFilterExpression={"month": {"$type": "string"}}
    )
    await store.collection(Notice).create_index("next_due", sparse=True)
    await store.collection(Conversation).create_index([("number", 1), ("at", -1)])
    await messages.create_index([("person", 1), ("created_at", -1)])
    await store.collection(KnownReferral).create_index("family")
    await store.collection(Reply).create_index([("referral", 1), ("at", 1)])
    await store.collection(Reply).create_index([("person", 1), ("at", -1)])
    await store.collection(PastWording).create_index([("template", 1), ("number", -1)])


async def due(
    store: Store,
    kind: type[Aggregate],
    priority: Priority,
    now: datetime,
    *,
    limit: int,
    without: Collection[str],
) -> list[str]:
    """Return ids of what is due of one priority, the longest waiting first."""
    rows = store.collection(kind).find(
        {"priority": priority.value, "next_due": {"$lte": now}},
        projection={"_id": 1},
        sort=[("next_due", 1)],
        limit=limit + len(without),
    )
    ids = [str(row["_id"]) async for row in rows]
    return [each for each in ids if each not in without][:limit]


async def count_due(store: Store, now: datetime) -> int:
    """Return how much there is to do now: notices, messages, numbers that are not indexed yet."""
    query = {"next_due": {"$lte": now}}
    found = [await store.collection(kind).count_documents(query) for kind in (Notice, Message)]
    return sum(found) + await store.collection(Contact).count_documents({"indexed": False})


async def contacts_of(store: Store, family: str) -> list[Contact]:
    """Return a family's contacts, without the children and without those who were erased."""
    query = {
        "household": family,
        "book": Book.PEOPLE.value,
        "kind": PersonKind.CONTACT.value,
        "profile": {"$ne": None},
    }
    return [each async for each in store.find(Contact, query)]


async def answers_for(store: Store, agency: str) -> Contact | None:
    """Return somebody of an agency who can be written to: the one whom it entered first."""
    query = {"household": agency, "book": Book.AGENCIES.value, "profile": {"$ne": None}}
    return next(iter([each async for each in store.find(Contact, query, limit=1)]), None)


async def people_on(store: Store, number: str) -> list[str]:
    """Return who may have written from a number, the newest conversation first.

    Somebody who has another number by now is no longer on this one.
    """
    talks = store.find(Conversation, {"number": number}, sort=[("at", -1)])
    spoken = [each.person async for each in talks if each.channel is Channel.SMS]
    listed = [each.id async for each in store.find(Contact, {"number": number}, sort=[("_id", -1)])]
    moved = {
        each.id
        async for each in store.find(Contact, {"_id": {"$in": spoken}, "indexed": True})
        if each.number != number
    }
    not_theirs = {each.id async for each in store.find(Contact, {"wrong": number})}
    return [each for each in dict.fromkeys([*spoken, *listed]) if each not in moved | not_theirs]


async def not_theirs(store: Store, number: str) -> list[str]:
    """Return those whom this number was said not to be."""
    return [each.id async for each in store.find(Contact, {"wrong": number})]


async def in_household(store: Store, person: str, number: str) -> list[str]:
    """Return somebody with those of the same household who have the same number."""
    contact = await store.get(Contact, person)
    if contact is None:
        return [person]
    query = {"household": contact.household, "number": number}
    return list(dict.fromkeys([person, *[each.id async for each in store.find(Contact, query)]]))


async def list_messages(
    store: Store,
    sites: frozenset[str],
    *,
    state: State | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[Message]:
    """Return messages of these sites, newest first; `*` among the sites means all."""
    query: dict[str, Any] = {}
    if "*" not in sites:
        query["site"] = {"$in": sorted(sites)}
    if state is not None:
        query["state"] = state.value
    if before is not None:
        at, identifier = before
        query["$or"] = [
            {"created_at": {"$lt": at}},
            {"created_at": at, "_id": {"$lt": identifier}},
        ]
    found = store.find(Message, query, sort=[("created_at", -1), ("_id", -1)], limit=limit)
    return [each async for each in found]


@dataclass(frozen=True, slots=True)
class Spent:
    """What texts of one kind have cost a school in a month."""

    site: str
    language: Language
    template: Template
    texts: int
    parts: int


async def spent_in(store: Store, month: str, sites: frozenset[str]) -> list[Spent]:
    """Return what texts cost in a month, by school, language and purpose; `*` means all schools."""
    query: dict[str, Any] = {"month": month}
    if "*" not in sites:
        query["site"] = {"$in": sorted(sites)}
    group = {"site": "$site", "language": "$language", "template": "$template"}
    rows = await store.collection(Message).aggregate(
        [
            {"$match": query},
            {"$group": {"_id": group, "texts": {"$sum": 1}, "parts": {"$sum": "$parts"}}},
            {"$sort": {"_id.site": 1, "parts": -1, "_id.template": 1, "_id.language": 1}},
        ]
    )
    return [
        Spent(
            site=row["_id"]["site"] or "",
            language=Language(row["_id"]["language"]),
            template=Template(row["_id"]["template"]),
            texts=row["texts"],
            parts=row["parts"],
        )
        async for row in rows
    ]


async def taken_elsewhere(store: Store, provider_id: str, message: str) -> bool:
    """Tell whether a provider's id belongs to another message."""
    query = {"provider_id": provider_id, "_id": {"$ne": message}}
    return await store.collection(Message).find_one(query, projection={"_id": 1}) is not None


async def told_before(store: Store, message: Message) -> bool:
    """Tell whether the person has had this of this referral already, or may have."""
    if not rule_of(message.template).once or message.referral is None:
        return False
    query = {
        "referral": message.referral,
        "person": message.person,
        "template": message.template.value,
        "_id": {"$ne": message.id},
        "state": {"$in": [each.value for each in ON_ITS_WAY]},
    }
    return await store.collection(Message).count_documents(query, limit=1) > 0


async def is_answered(store: Store, message: Message) -> bool:
    """Tell whether every offer that a message asks about has its answer already."""
    if not rule_of(message.template).unanswered or message.referral is None:
        return False
    known = await store.get(KnownOffering, message.referral)
    offers = [known.offers.get(each.subject) for each in message.links] if known else []
    return all(each is not None and each.answered for each in offers)
