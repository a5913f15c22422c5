"""Compares a directory with what is known of its source. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import Enum
from typing import Any, TypeVar

from services.partner.imports.report import Counts
from services.partner.imports.wanted import (
    Wanted,
    WantedAgency,
    WantedService,
    content_hash,
)
from services.partner.model.agency import PERSON, SOURCED, Agency, Contact
from services.partner.model.confirmed import Confirmed, ConfirmedBy
from services.partner.model.service import SOURCED as SOURCED_OF_SERVICES
from services.partner.model.service import UNCATEGORIZED, Service, flat, nested
from services.partner.model.threeway import merge

W = TypeVar("W", WantedAgency, WantedService)
A = TypeVar("A", Agency, Service)


class Fate(Enum):
    """What an import does to a record."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


def fate(known: Agency | Service | None, fingerprint: str) -> Fate:
    """Tell what becomes of a record that the directory holds."""
    if known is None:
        return Fate.ADDED
    return Fate.SAME if known.source_fingerprint == fingerprint else Fate.CHANGED


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do.

    Attributes:
        agencies: those to write, with the fingerprint of each.
        services: the same.
        gone_agencies: ids of those to retire.
        gone_services: the same.
        counts: by kind.
        unreadable: as `plan` was told.
    """

    agencies: tuple[tuple[WantedAgency, str], ...]
    services: tuple[tuple[WantedService, str], ...]
    gone_agencies: tuple[str, ...]
    gone_services: tuple[str, ...]
    counts: dict[str, Counts]
    unreadable: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """How many records it writes."""
        return (
            len(self.agencies)
            + len(self.services)
            + len(self.gone_agencies)
            + len(self.gone_services)
        )


def plan(
    wanted: Wanted,
    agencies: Mapping[str, Agency],
    services: Mapping[str, Service],
    secret: bytes,
    *,
    unreadable: frozenset[str] = frozenset(),
) -> Plan:
    """Return what an import would do.

    Args:
        wanted: the directory.
        agencies: those known of its source, by id.
        services: the same.
        secret: keys the fingerprints.
        unreadable: kinds (`agencies`, `services`, `people`, `addresses`) of which something could
            not be read or was missing: what is not seen of these may stand there, so that nothing
            of the kind is retired, and nobody dropped.
    """
    write_agencies, agency_counts = _compare(wanted.agencies, agencies, secret)
    write_services, service_counts = _compare(wanted.services, services, secret)
    gone_agencies = _gone(wanted.agencies, agencies)
    gone_services = _gone(wanted.services, services)
    if "agencies" in unreadable:
        agency_counts, gone_agencies = _keeping(agency_counts, gone_agencies)
    if "services" in unreadable:
        service_counts, gone_services = _keeping(service_counts, gone_services)
    return Plan(
        agencies=write_agencies,
        services=write_services,
        gone_agencies=gone_agencies,
        gone_services=gone_services,
        counts={
            "agencies": agency_counts.model_copy(update={"gone": len(gone_agencies)}),
            "services": service_counts.model_copy(update={"gone": len(gone_services)}),
        },
        unreadable=unreadable,
    )


def _compare(
    wanted: Sequence[W], known: Mapping[str, Agency] | Mapping[str, Service], secret: bytes
) -> tuple[tuple[tuple[W, str], ...], Counts]:
    write = []
    tally = dict.fromkeys(Fate, 0)
    for each in wanted:
        fingerprint = content_hash(secret, each)
        found = fate(known.get(each.id), fingerprint)
        tally[found] += 1
        if found is not Fate.SAME:
            write.append((each, fingerprint))
    counts = Counts(added=tally[Fate.ADDED], changed=tally[Fate.CHANGED], same=tally[Fate.SAME])
    return tuple(write), counts


def _gone(
    wanted: Sequence[WantedAgency] | Sequence[WantedService],
    known: Mapping[str, Agency] | Mapping[str, Service],
) -> tuple[str, ...]:
    listed = {each.id for each in wanted}
    return tuple(sorted(id for id, each in known.items() if id not in listed and not each.retired))


def _keeping(counts: Counts, gone: tuple[str, ...]) -> tuple[Counts, tuple[str, ...]]:
    return counts.model_copy(update={"kept": len(gone)}), ()


def service_after(
    known: Service | None, wanted: WantedService, source: str, fingerprint: str
) -> Service:
    """Return a service after the import. What staff have made of it stays."""
    theirs = flat(wanted)
    own: dict[str, Any] = {"source": source, "source_id": wanted.source_id}
    own["source_fingerprint"] = fingerprint
    if known is None:
        # What was read has been checked: an import of thousands would check it twice.
        said = {name: getattr(wanted, name) for name in SOURCED_OF_SERVICES}
        confirmed = _confirmed(None, wanted)
        return Service(id=wanted.id, **said, **own, confirmed=confirmed, sourced=theirs)
    if wanted.category == UNCATEGORIZED:  # it says nothing: whoever gave it a category knows better
        del theirs["category"], theirs["also"]
    merged = merge(
        known.fields(),
        known.sourced,
        theirs,
        known.differences,
        edited=bool(known.fingerprint),
    )
    fields = nested({**known.fields(), **merged.fields})
    after = {**fields, **own, "sourced": merged.sourced, "differences": merged.differences}
    # The fingerprint of staff's body no longer tells what stands here.
    return known.having(**after, fingerprint="", confirmed=_confirmed(known.confirmed, wanted))


def _confirmed(known: Confirmed | None, wanted: WantedService) -> Confirmed | None:
    """Return the latest word that a service holds; a directory tells only the day of its own."""
    if wanted.assured is None:
        return known
    at = datetime.combine(wanted.assured, time(), UTC)
    if known is not None and known.at >= at:
        return known
    return Confirmed(at=at, by=ConfirmedBy.DIRECTORY)


def agency_after(
    known: Agency | None,
    wanted: WantedAgency,
    source: str,
    fingerprint: str,
    people: Mapping[str, Contact],
    *,
    unreadable: frozenset[str] = frozenset(),
) -> Agency:
    """Return an agency after the import. What staff have made of it stays, people included.

    Args:
        known: what stands.
        wanted: what the directory says.
        source: its name.
        fingerprint: of what it says.
        people: those that it names, sealed, by id.
        unreadable: as in `plan`: with `people`, nobody is dropped; with `addresses`, nobody loses
            one.
    """
    if known is not None and "addresses" in unreadable:
        people = _whole(known, people)
    theirs: dict[str, Any] = wanted.model_dump(mode="json", include=set(SOURCED))
    theirs |= {"retired": False} | {f"{PERSON}{id}": each.mark for id, each in people.items()}
    own: dict[str, Any] = {"source": source, "source_id": wanted.source_id}
    own["source_fingerprint"] = fingerprint
    if known is None:
        said = {name: value for name, value in theirs.items() if name in SOURCED}
        contacts = tuple(people.values())
        fresh = {"id": wanted.id, **said, "contacts": contacts, **own, "sourced": theirs}
        return Agency.model_validate(fresh)
    gone = [
        name
        for name in (*known.sourced, *(f"{PERSON}{each.id}" for each in known.contacts))
        if name.startswith(PERSON) and name not in theirs and _was_listed(known, name)
    ]
    held = {each.id for each in wanted.contacts} - set(people)
    for name in gone:
        if "people" not in unreadable and name.removeprefix(PERSON) not in held:
            theirs[name] = None
        elif name in known.sourced:
            theirs[name] = known.sourced[name]
    merged = merge(
        _unmarked(known, theirs),
        known.sourced,
        theirs,
        known.differences,
        edited=bool(known.fingerprint),
    )
    there = {each.id: each for each in known.contacts}
    contacts = tuple(
        contact
        for id in dict.fromkeys((*people, *there))
        if (contact := _person(id, there, people, merged.fields)) is not None
    )
    differing = {each.field.removeprefix(PERSON) for each in merged.differences}
    fields = {name: value for name, value in merged.fields.items() if name in SOURCED}
    offered = {each.id: each for each in known.offered} | dict(people)
    return known.having(
        **fields,
        **own,
        contacts=contacts,
        sourced={name: value for name, value in merged.sourced.items() if value is not None},
        differences=merged.differences,
        offered=tuple(each for id, each in offered.items() if id in differing),
        fingerprint="",
    )


def _whole(known: Agency, people: Mapping[str, Contact]) -> Mapping[str, Contact]:
    """Leave out whom the directory has without an address that stands: it may have been lost."""
    there = {each.id: set(each.channels) for each in known.contacts}
    return {
        id: each for id, each in people.items() if not there.get(id, set()) - set(each.channels)
    }


def people_kept(wanted: Wanted, known: Mapping[str, Agency], unreadable: frozenset[str]) -> int:
    """Count the people who are no longer seen, and are kept all the same."""
    if "people" not in unreadable:
        return 0
    listed = {each.id: {one.id for one in each.contacts} for each in wanted.agencies}
    return sum(
        one.id not in listed[agency.id] and _was_listed(agency, f"{PERSON}{one.id}")
        for agency in known.values()
        if agency.id in listed
        for one in agency.contacts
    )


def _was_listed(known: Agency, field: str) -> bool:
    """Tell whether a person came from the directory, and not from staff."""
    if field in known.sourced:
        return True
    # Before marks were kept: a derived id is a UUID of version 5; staff's clients make version 7.
    return not known.sourced and field.removeprefix(PERSON)[14:15] == "5"


def _unmarked(known: Agency, theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands; people whom an earlier release took in without a mark are as listed."""
    ours = known.fields()
    for each in known.contacts:
        name = f"{PERSON}{each.id}"
        if not each.mark and name in theirs:
            ours[name] = known.sourced.get(name, theirs[name])
    return ours


def _person(
    id: str,
    there: Mapping[str, Contact],
    people: Mapping[str, Contact],
    merged: Mapping[str, Any],
) -> Contact | None:
    field, mine, listed = f"{PERSON}{id}", there.get(id), people.get(id)
    if field not in merged:  # staff's own
        return mine
    if listed is not None and merged[field] == listed.mark:
        return listed
    return mine if merged[field] is not None else None


def retired(known: A) -> A:
    """Return what has gone from its directory; if it comes back, it is taken up again."""
    sourced = {**known.sourced, "retired": True}
    return known.having(retired=True, sourced=sourced, source_fingerprint=None, fingerprint="")
