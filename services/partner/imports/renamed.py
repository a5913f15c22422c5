"""A source that gives its records new ids: they are the same ones, as their names tell. Pure.

Without this, every service would be retired and entered anew: agreements, seats and what staff put
right would stay with the old one.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

from services.partner.imports.wanted import Wanted, WantedAgency, WantedService, content_hash
from services.partner.model.agency import Agency
from services.partner.model.names import fold
from services.partner.model.service import Service

K = TypeVar("K", Agency, Service)
W = TypeVar("W", WantedAgency, WantedService)


def with_known_ids(
    asked: Wanted,
    agencies: Mapping[str, Agency],
    services: Mapping[str, Service],
    secret: bytes,
    *,
    unreadable: frozenset[str] = frozenset(),
) -> Wanted:
    """Return a directory in which records under new ids have the ids under which they are known.

    An agency is known by its name, a service by its name and agency, somebody by what is known of
    them: where just one has gone and just one has come. Where something of the kind could not be
    read nobody can tell what has gone, and new ids are new records.

    Args:
        asked: the directory.
        agencies: those known of its source, by id.
        services: the same.
        secret: keys the marks of people.
        unreadable: as of `plan`.
    """
    moved: dict[str, str] = {}
    if "agencies" not in unreadable:
        moved |= _renamed(asked.agencies, agencies, lambda each: fold(each.name))
    if "services" not in unreadable:
        moved |= _renamed(
            asked.services,
            services,
            lambda each: (moved.get(each.agency, each.agency), fold(each.name)),
        )
    people = {} if "people" in unreadable else _people(asked, agencies, moved, secret)
    if not moved and not people:
        return asked
    return Wanted(
        source=asked.source,
        agencies=tuple(_agency(each, moved, people) for each in asked.agencies),
        services=tuple(_service(each, moved) for each in asked.services),
    )


def _renamed(
    asked: Iterable[W], known: Mapping[str, K], key: Callable[[W | K], Hashable]
) -> dict[str, str]:
    """Return known ids by the new ones that stand for the same record."""
    wanted = list(asked)
    listed = {each.id for each in wanted}
    fresh = [each for each in wanted if each.id not in known]
    unseen = [each for each in known.values() if each.id not in listed]
    # What was renamed before is known by the new id of its source from then on.
    before = {each.source_id: each.id for each in unseen}
    moved = {each.id: before[each.source_id] for each in fresh if each.source_id in before}
    found = set(moved.values())
    come = _alone((each.id, key(each)) for each in fresh if each.id not in moved)
    gone = _alone(
        (each.id, key(each)) for each in unseen if each.id not in found and not each.retired
    )
    return moved | {id: gone[name] for name, id in come.items() if name in gone}


def _alone(pairs: Iterable[tuple[str, Hashable]]) -> dict[Hashable, str]:
    """Return ids by key, of those whose key no other one has."""
    found = list(pairs)
    counts = Counter(key for _, key in found)
    return {key: id for id, key in found if counts[key] == 1}


def _people(
    asked: Wanted, agencies: Mapping[str, Agency], moved: Mapping[str, str], secret: bytes
) -> dict[str, str]:
    found: dict[str, str] = {}
    for agency in asked.agencies:
        known = agencies.get(moved.get(agency.id, agency.id))
        if known is None:
            continue
        there = {each.id for each in known.contacts}
        listed = {each.id for each in agency.contacts}
        come = _alone(
            (each.id, content_hash(secret, each.profile))
            for each in agency.contacts
            if each.id not in there
        )
        gone = _alone((each.id, each.mark) for each in known.contacts if each.id not in listed)
        found |= {id: gone[mark] for mark, id in come.items() if mark in gone}
    return found


def _agency(
    each: WantedAgency, moved: Mapping[str, str], people: Mapping[str, str]
) -> WantedAgency:
    said = each.listing
    listed = [
        one.model_copy(
            update={
                "id": people.get(one.id, one.id),
                "services": tuple(sorted(moved.get(id, id) for id in one.services)),
            }
        )
        for one in said.people
    ]
    parent = moved.get(said.parent, said.parent) if said.parent else None
    return each.model_copy(
        update={
            "id": moved.get(each.id, each.id),
            "listing": said.model_copy(update={"parent": parent, "people": tuple(listed)}),
            "contacts": tuple(
                one.model_copy(update={"id": people.get(one.id, one.id)}) for one in each.contacts
            ),
        }
    )


def _service(each: WantedService, moved: Mapping[str, str]) -> WantedService:
    return each.model_copy(
        update={
            "id": moved.get(each.id, each.id),
            "agency": moved.get(each.agency, each.agency),
        }
    )
