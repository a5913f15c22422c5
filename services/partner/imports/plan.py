"""Compares a directory with what is known of its source. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from services.partner.imports.report import Counts
from services.partner.imports.wanted import (
    Wanted,
    WantedAgency,
    WantedService,
    content_hash,
)
from services.partner.model.agency import Agency
from services.partner.model.service import UNCATEGORIZED, Service

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
    """

    agencies: tuple[tuple[WantedAgency, str], ...]
    services: tuple[tuple[WantedService, str], ...]
    gone_agencies: tuple[str, ...]
    gone_services: tuple[str, ...]
    counts: dict[str, Counts]

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
        unreadable: kinds (`agencies`, `services`) of which rows were refused: what is missing from
            these may stand in such a row, so that nothing of the kind is retired.
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
    """Return a service after the import. What staff have added to it stays."""
    fields = {**dict(wanted), "source": source, "source_fingerprint": fingerprint}
    if known is None:
        return Service(**fields)
    if wanted.category == UNCATEGORIZED:
        fields |= {"category": known.category, "also": known.also}
    # The fingerprint of staff's body no longer tells what stands here.
    return known.having(**fields, fingerprint="")


def retired(known: A) -> A:
    """Return what has gone from its directory; if it comes back, it is taken up again."""
    return known.having(retired=True, source_fingerprint=None, fingerprint="")
