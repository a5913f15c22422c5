"""Carries an import out: everything in one transaction, or nothing."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.event import Event
from contracts.sealed import Sealed
from services.chassis.clock import Clock
from services.chassis.errors import EnlaceError, Kind
from services.chassis.ids import new_id
from services.chassis.needs import Needs
from services.chassis.privacy import Vault
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.partner.directory.model import DirectoryPackage, Organization
from services.partner.imports.kept import Imported, KeptImports
from services.partner.imports.plan import (
    Fate,
    Plan,
    agency_after,
    fate,
    people_kept,
    plan,
    retired,
    service_after,
)
from services.partner.imports.renamed import with_known_ids
from services.partner.imports.report import Report, UncategorizedView, report
from services.partner.imports.wanted import (
    Wanted,
    WantedAgency,
    WantedContact,
    address_hash,
    content_hash,
    wanted,
)
from services.partner.model.agency import Agency, Contact
from services.partner.model.confirming import morning_after
from services.partner.model.registered import registered
from services.partner.model.service import UNCATEGORIZED, Service
from services.partner.model.settling import open_of
from services.partner.store import imported

MOST = 10_000
"""Records that one import writes: what a transaction carries well within its sixty seconds."""

_TOLD_BY = {
    "agencies": {"organization"},
    "services": {"service", "organization"},
    "people": {"contact"},
    "addresses": {"contact", "phone"},
}
"""By which tables of a directory one can tell what has gone."""


@dataclass(frozen=True, slots=True)
class Importer:
    """What an import works with.

    Attributes:
        vault: of people at agencies.
        secret: keys fingerprints.
        zone: of the people it brings.
        clock: for when an agency is first asked whether its entries hold.
        asked_every: how long after that, and between two askings.
        kept: where what it came to is kept.
    """

    store: Store
    vault: Vault
    secret: bytes
    zone: str
    clock: Clock
    asked_every: timedelta
    kept: KeptImports


async def import_directory(
    importer: Importer,
    package: DirectoryPackage,
    source: str | None,
    needs: Needs,
    *,
    by: str,
    dry_run: bool,
) -> Report:
    """Take a directory in; with `dry_run`, only tell what would happen. It is kept for two weeks.

    Topics carry kinds of need as the district's `needs` let them. `by` is who imports it: an
    address that is new to an agency waits for somebody else's yes.

    Raises:
        EnlaceError: the directory is empty or too large; nothing was changed.
    """
    if not package.organizations:
        raise EnlaceError(
            "directory-empty",
            Kind.MALFORMED,
            "No organization of this directory could be read. Nothing was changed: see that the "
            "package holds the file of organizations.",
            es="No se pudo leer ninguna organización de este directorio. No se cambió nada: "
            "vea que el paquete tenga el archivo de organizaciones.",
        )
    source = source or await _source_of(importer.store, package)
    agencies = await imported(importer.store, Agency, source)
    services = await imported(importer.store, Service, source)
    # All computing, and a large directory takes seconds: answers by link don't wait for it.
    asked = await asyncio.to_thread(wanted, package, source, importer.zone)
    unreadable = _unreadable(package)
    asked = await asyncio.to_thread(
        with_known_ids, asked, agencies, services, importer.secret, unreadable=unreadable
    )
    planned = await asyncio.to_thread(
        plan, asked, agencies, services, importer.secret, unreadable=unreadable
    )
    if planned.size > MOST:
        raise EnlaceError(
            "directory-too-large",
            Kind.TOO_LARGE,
            f"This directory would change {planned.size} records, and one import takes {MOST}. "
            "Nothing was changed: split it by agency, and name one `source` for each part.",
            es=f"Este directorio cambiaría {planned.size} registros, y una importación admite "
            f"{MOST}. No se cambió nada: divídalo por agencia y dé a cada parte un "
            "`source`.",
        )
    if not dry_run and planned.size:
        sealed = await _sealed(importer, [each for each, _ in planned.agencies])
        due = morning_after(importer.clock.now(), importer.asked_every, importer.zone)
        await importer.store.update(
            _refs(planned), lambda found: _write(found, planned, source, sealed, needs, due, by)
        )
    told = report(
        new_id(),
        package,
        source,
        planned.counts,
        _uncategorized(asked, services),
        differing=_differing(importer, planned, agencies, services),
        people_kept=people_kept(asked, agencies, planned.unreadable),
        dry_run=dry_run,
    )
    kept = Imported(
        id=told.run, by=by, at=importer.clock.now(), report=told.model_dump(mode="json")
    )
    await importer.kept.keep(kept, package.problems)
    return told


def _refs(planned: Plan) -> Sequence[Ref[Any]]:
    return [
        *(Ref(Agency, each.id) for each, _ in planned.agencies),
        *(Ref(Service, each.id) for each, _ in planned.services),
        *(Ref(Agency, id) for id in planned.gone_agencies),
        *(Ref(Service, id) for id in planned.gone_services),
    ]


def _write(  # noqa: PLR0917 - what a whole import comes from
    found: Found,
    planned: Plan,
    source: str,
    sealed: Mapping[str, tuple[Contact, ...]],
    needs: Needs,
    asked_on: datetime,
    by: str,
) -> Change[None]:
    """Write what still differs: somebody may have imported the same directory meanwhile."""
    save: list[Agency | Service] = []
    for agency, fingerprint in planned.agencies:
        before = found.get(Ref(Agency, agency.id))
        if fate(before, fingerprint) is not Fate.SAME:
            people = {each.id: each for each in sealed[agency.id]}
            after = agency_after(
                before, agency, source, fingerprint, people, unreadable=planned.unreadable
            )
            after = registered(before, after, by)
            save.append(after.having(next_due=after.next_due or asked_on))
    for service, fingerprint in planned.services:
        known = found.get(Ref(Service, service.id))
        if fate(known, fingerprint) is not Fate.SAME:
            save.append(service_after(known, service, source, fingerprint))
    for id in planned.gone_agencies:
        gone = found.get(Ref(Agency, id))
        if gone is not None and not gone.retired:
            save.append(retired(gone))
    for id in planned.gone_services:
        over = found.get(Ref(Service, id))
        if over is not None and not over.retired:
            save.append(retired(over))
    events: list[Event] = [
        each.event(needs) if isinstance(each, Service) else each.event() for each in save
    ]
    changed: list[Aggregate] = list(save)
    return Change(None, changed, events)


async def _sealed(
    importer: Importer, agencies: Sequence[WantedAgency]
) -> dict[str, tuple[Contact, ...]]:
    """Return the people of agencies as they are kept, sealed together: keys cost a round trip."""
    people = [each for agency in agencies for each in agency.contacts]
    await importer.vault.create_keys([each.id for each in people])
    profiles = await importer.vault.seal_many([(each.id, each.profile) for each in people])
    made = {
        each.id: _contact(importer, each, profile)
        for each, profile in zip(people, profiles, strict=True)
        if profile is not None  # erased in this very moment
    }
    return {
        agency.id: tuple(made[each.id] for each in agency.contacts if each.id in made)
        for agency in agencies
    }


def _contact(importer: Importer, each: WantedContact, profile: Sealed) -> Contact:
    return Contact(
        id=each.id,
        reads=each.profile.reads,
        channels=each.channels,
        profile=profile,
        mark=content_hash(importer.secret, each.profile),
        address=address_hash(importer.secret, each.profile),
    )


def _differing(
    importer: Importer,
    planned: Plan,
    agencies: Mapping[str, Agency],
    services: Mapping[str, Service],
) -> int:
    """Count what waits to be settled after the import; of what is new nothing does."""
    after: dict[str, Agency | Service] = {**agencies, **services}
    for service, fingerprint in planned.services:
        before = services.get(service.id)
        if before is not None:
            after[service.id] = service_after(before, service, "", fingerprint)
    for agency, fingerprint in planned.agencies:
        known = agencies.get(agency.id)
        if known is not None:
            people = {each.id: _unsealed(importer, each) for each in agency.contacts}
            after[agency.id] = agency_after(
                known, agency, "", fingerprint, people, unreadable=planned.unreadable
            )
    return sum(1 for each in after.values() if open_of(each))


def _unsealed(importer: Importer, each: WantedContact) -> Contact:
    """Return somebody with a mark and nothing else: to be compared, never kept."""
    mark = content_hash(importer.secret, each.profile)
    return Contact(
        id=each.id,
        reads=each.profile.reads,
        channels=each.channels,
        profile=Sealed.of(b"-"),
        mark=mark,
    )


def _unreadable(package: DirectoryPackage) -> frozenset[str]:
    return frozenset(kind for kind, tables in _TOLD_BY.items() if tables & package.unread)


def _uncategorized(asked: Wanted, known: Mapping[str, Service]) -> list[UncategorizedView]:
    return [
        UncategorizedView(id=each.id, source_id=each.source_id, name=each.name)
        for each in asked.services
        if each.category == UNCATEGORIZED
        and (each.id not in known or known[each.id].category == UNCATEGORIZED)
    ]


async def _source_of(store: Store, package: DirectoryPackage) -> str:
    """Return the source that most of these organizations came from before, or a name of its own.

    An export carries no name of itself: its organizations, by id and name, tell it again.
    """
    listed = {each.source_id: each.name for each in package.organizations}
    query = {"source": {"$ne": None}, "source_id": {"$in": sorted(listed)}}
    sources: Counter[str] = Counter()
    async for agency in store.find(Agency, query):
        if agency.source and listed[agency.source_id or ""] == agency.name:
            sources[agency.source] += 1
    for source, count in sources.most_common(1):
        if count * 2 >= len(listed):
            return source
    return f"{package.format.value}-{_mark(package.organizations)}"


def _mark(organizations: Sequence[Organization]) -> str:
    first = min(organizations, key=lambda each: each.source_id)
    return content_hash(b"source", first)[:8]
