"""What the endpoints need, put together once."""

import hashlib
import hmac
from dataclasses import dataclass

from contracts.people import Profile
from contracts.sealed import Sealed
from services.chassis.clock import Clock
from services.chassis.errors import EnlaceError, Kind
from services.chassis.privacy import KeyGoneError, Vault
from services.chassis.sites import Sites
from services.chassis.staff import StaffRegister
from services.chassis.store import Store
from services.referral.elsewhere import OfferChecks
from services.referral.handlers.desk import Desk
from services.referral.model.people import Student, StudentRecord
from services.referral.settings import ReferralSettings


@dataclass(frozen=True, slots=True)
class Context:
    """Collaborators of the endpoints.

    Attributes:
        secret: keys fingerprints of bodies and of school ids.
        link_key: derives families' links.
        register: says who of the staff may be given work.
        offer_checks: partner's word on whom an offer can go to; None where nothing is offered.
    """

    desk: Desk
    vault: Vault
    sites: Sites
    settings: ReferralSettings
    secret: bytes
    link_key: bytes
    register: StaffRegister
    offer_checks: OfferChecks | None = None

    @property
    def store(self) -> Store:
        """Where things are kept."""
        return self.desk.store

    @property
    def clock(self) -> Clock:
        """What time it is."""
        return self.desk.clock

    async def seal_for(self, person: str, value: Profile | StudentRecord | str) -> Sealed:
        """Encrypt under a person's key, which is made where there is none."""
        await self.vault.create_key(person)
        return await self.vault.seal(person, value)

    async def seal_known(self, student: str, words: str) -> Sealed:
        """Encrypt words under a student's key.

        Raises:
            EnlaceError: the child was erased.
        """
        try:
            return await self.vault.seal(student, words)
        except KeyGoneError:
            raise record_erased() from None

    def sis_key(self, sis_id: str | None) -> str | None:
        """Return the keyed hash by which a school's own id is found again."""
        if sis_id is None:
            return None
        return hmac.new(self.secret, sis_id.encode("utf-8"), hashlib.sha256).hexdigest()

    async def record_of(self, student: Student) -> StudentRecord:
        """Open a student's record.

        Raises:
            EnlaceError: the child was erased.
        """
        record = await self.known_record(student)
        if record is None:
            raise record_erased()
        return record

    async def known_record(self, student: Student | None) -> StudentRecord | None:
        """Open a student's record; None where there is none any more."""
        return await self.vault.open_as_if(StudentRecord, student.record if student else None)


def record_erased() -> EnlaceError:
    """Return the refusal of whatever was sealed under a child's key that is gone."""
    return EnlaceError(
        "erased",
        Kind.UNKNOWN,
        "This child's record was erased, as was asked.",
        es="El expediente de este estudiante se borró, como se pidió.",
    )


def short_name(record: StudentRecord | None) -> str:
    """Return `Ana R.`, or a dash where the record was erased."""
    return "-" if record is None else f"{record.given_name} {record.family_name[:1]}."
