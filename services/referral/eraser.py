"""Carries erasures on until every service has confirmed: each step can be done again.

The ledger is written first, so that a restore at any later moment cannot bring the family back; the
keys are destroyed last of all here, after which nothing sealed can be read in any copy.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx2
import structlog
from pymongo.errors import PyMongoError

from contracts.people import Profile
from services.chassis.auth import ServiceIdentity
from services.chassis.errors import EnlaceError
from services.chassis.lease import Lease
from services.chassis.privacy import Vault
from services.chassis.scans import Scans
from services.referral.handlers import erasures
from services.referral.handlers.desk import Desk
from services.referral.handlers.household import erased_with
from services.referral.imports.bad_rows import BadRows
from services.referral.ledger import ErasureLedger
from services.referral.model.erasure import Erasure, ErasureState
from services.referral.model.household import ContactDetails
from services.referral.model.people import Family, Student, StudentRecord
from services.referral.model.roster_run import RosterRun
from services.referral.search.names import fold

log = structlog.get_logger()

EVERY_SECONDS = 1.0


class Receipts:
    """Asks the other services whether they have forgotten.

    Args:
        urls: of the services, by name.
    """

    def __init__(
        self, urls: Mapping[str, str], identity: ServiceIdentity, http: httpx2.AsyncClient
    ) -> None:
        self._urls = urls
        self._identity = identity
        self._http = http

    async def given(self, service: str, erasure: str) -> bool:
        """Tell whether a service has confirmed; one that does not answer has not."""
        url = f"{self._urls[service].rstrip('/')}/v1/erasures/{erasure}"
        token = self._identity.token(service)
        try:
            answer = await self._http.get(url, headers={"Authorization": f"Bearer {token}"})
            return bool(answer.is_success and answer.json()["forgotten"] is True)
        except (httpx2.HTTPError, ValueError, KeyError, TypeError):
            return False


@dataclass(frozen=True, slots=True)
class Papers:
    """What lies beside the records: signed papers, and rows of rosters that could not be taken."""

    scans: Scans
    bad_rows: BadRows


async def marks_of(
    vault: Vault, students: Sequence[Student], families: Sequence[Family]
) -> frozenset[str] | None:
    """Return folded texts by which a family stands in a roster; None where one cannot be read.

    Family names, the school's own ids, numbers and addresses; a given name alone is many people's.
    """
    marks: set[str | None] = set()
    for student in students:
        record = await vault.open_as_if(StudentRecord, student.record)
        if record is None:
            return None
        marks |= {record.family_name, record.sis_id}
    around = [each for family in families for each in (*family.contacts, *family.former)]
    for contact in around:
        profile = await vault.open_as_if(Profile, contact.profile)
        details = await vault.open_as_if(ContactDetails, contact.details)
        if profile is None:
            return None
        marks |= {profile.email, details.family_name if details else None}
        if profile.phone:  # as a person writes it, with a dash or without
            marks |= {profile.phone[-7:], f"{profile.phone[-7:-4]}-{profile.phone[-4:]}"}
    return frozenset(fold(mark.strip()) for mark in marks if mark and mark.strip())


class Eraser:
    """Takes every erasure to its end."""

    def __init__(
        self,
        desk: Desk,
        vault: Vault,
        papers: Papers,
        ledger: ErasureLedger,
        receipts: Receipts,
    ) -> None:
        self._desk = desk
        self._vault = vault
        self._scans, self._bad_rows = papers.scans, papers.bad_rows
        self._ledger = ledger
        self._receipts = receipts

    async def replay(self) -> None:
        """Do again what the ledger has and this database does not: it was restored since.

        Raises:
            LedgerError: the ledger cannot be read.
            PyMongoError: the database is away.
        """
        for line in await self._ledger.lines():
            known = await self._desk.store.get(Erasure, line.erasure)
            if known is None:
                log.warning("erasure.replayed", erasure=line.erasure)
                await erasures.order_again(self._desk, line.again("referral"))
            # The keys may have been restored by themselves.
            for person in await self._vault.having_keys(line.persons):
                await self._vault.destroy_key(person)

    async def forget(self, erasure: Erasure) -> Erasure:
        """Take an erasure to where only the other services' confirmations are missing.

        Raises:
            EnlaceError: a step was refused; it is tried again.
            OSError: the ledger cannot be written; nothing was destroyed.
            PyMongoError: the database or the vault is away.
        """
        desk = self._desk
        if erasure.state is ErasureState.ORDERED:
            await erasures.wind_up(desk, erasure)
            erasure = await erasures.with_all(desk.store, erasure)
            await self._ledger.add(erasure)
            await self._forget_bad_rows(erasure)  # while it can be read who they are
            erasure = await erasures.forget(desk, erasure)
        if erasure.keys_destroyed_at is None:
            for person in erasure.persons:
                await self._vault.destroy_key(person)
            for scan in erasure.scans:
                await self._scans.remove(scan)
            erasure = await erasures.keys_destroyed(desk, erasure.id)
        return erasure

    async def _forget_bad_rows(self, erasure: Erasure) -> None:
        """Destroy the stored rows of rosters that hold the family.

        A row that could not be taken may name them by half: any one mark is enough.
        """
        store = self._desk.store
        query = {"family": erasure.family}
        students = [each async for each in store.find(Student, query)]
        sites = sorted({each.site for each in students} | {erasure.site})
        runs = [each.id async for each in store.find(RosterRun, {"sites": {"$in": sites}})]
        families = await erased_with(store, erasure.family)
        marks = await marks_of(self._vault, students, families)
        gone = await self._bad_rows.forget_of(marks, runs)
        if gone:
            log.info("erasure.bad_rows_destroyed", erasure=erasure.id, imports=len(gone))

    async def ask(self, erasure: Erasure) -> None:
        """Ask for the confirmations that are missing."""
        for service in erasure.missing:
            if await self._receipts.given(service, erasure.id):
                await erasures.confirm(self._desk, erasure.id, service)

    async def once(self) -> None:
        """Take every erasure on by what can be done now; one that fails keeps no other back."""
        query = {"state": {"$ne": ErasureState.COMPLETE.value}}
        found = self._desk.store.find(Erasure, query)
        for erasure in [each async for each in found]:
            try:
                await self.ask(await self.forget(erasure))
            except (EnlaceError, OSError) as error:
                log.exception(
                    "erasure.waiting",
                    erasure=erasure.id,
                    error=type(error).__name__,
                    next="tried again in a second; the others go on",
                )

    async def due(self) -> int:
        """Return how many erasures have something to do here: confirmations are the others'."""
        query = {"state": {"$ne": ErasureState.COMPLETE.value}, "keys_destroyed_at": None}
        return await self._desk.store.collection(Erasure).count_documents(query)

    async def run(self) -> None:
        """Work until cancelled, in one worker at a time."""
        lease = Lease(self._desk.store.database, "erasures")
        while True:
            try:
                if await lease.hold():
                    await self.once()
            except PyMongoError as error:
                log.warning("erasure.away", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
