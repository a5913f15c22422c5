"""One consent to release: what FERPA asks that it says (34 CFR 99.30), and how long it holds."""

from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from contracts.categories import Category
from contracts.code import Code
from contracts.codes import ReleasedPart
from contracts.consents import ConsentMethod
from contracts.sealed import Sealed
from services.chassis.scan import Scan
from services.referral.model.calendar import moment
from services.referral.model.follow_up import local_date
from services.referral.model.rules import Rules


class Purpose(Code):
    """What the records may be used for (34 CFR 99.30(b)(2))."""

    ARRANGE_SERVICE = "arrange-service"
    CHECK_ELIGIBILITY = "check-eligibility"
    COORDINATE_CARE = "coordinate-care"


class RevocationReason(Code):
    """Why a consent was taken back. A family need not say."""

    NOT_SAID = "not-said"
    NO_LONGER_NEEDED = "no-longer-needed"
    CHANGED_MIND = "changed-mind"
    CONCERN_ABOUT_AGENCY = "concern-about-agency"
    ENTERED_WRONGLY = "entered-wrongly"
    OTHER = "other"


class Revocation(BaseModel):
    """How a consent was taken back.

    Attributes:
        by: id of the contact or the student who took it back; None: the school did.
        recorded_by: subject of the member of staff who entered it.
        words: what was said, sealed under the student's key.
    """

    model_config = ConfigDict(frozen=True)

    at: datetime
    by: str | None
    recorded_by: str
    reason: RevocationReason
    words: Sealed | None = None


class Consent(BaseModel):
    """One consent.

    Attributes:
        agencies: ids that it names; empty means every agency that serves the categories.
        given_by: a contact's id, or the student's where the law lets a minor consent alone.
        guardian_may_know: of a student's own consent: the student lets a guardian know of it.
        witness: name of who heard a verbal consent, sealed under the student's key.
        interpreter: name of who interpreted, sealed the same way.
        read_in: language in which it was read to or by whoever gave it, as BCP 47.
        given_on: day it was entered, local to the school.
        since: first day; None: the day it was entered.
        until: last day, local to the school.
        revocation: from then on nothing may be released under it.
        scan: the signed paper; one given on paper holds from when it is stored.
        started, expiring_told, expired_told: what time has brought already; each comes once.
        doubted_since: from when on it has been in doubt (`model.doubt`), or was when it was taken
            back; None: it is not.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    categories: tuple[Category, ...]
    agencies: tuple[str, ...]
    parts: tuple[ReleasedPart, ...]
    purposes: tuple[Purpose, ...] = (Purpose.ARRANGE_SERVICE,)
    method: ConsentMethod
    witness: Sealed | None = None
    interpreter: Sealed | None = None
    read_in: str | None = None
    given_by: str
    guardian_may_know: bool = False
    entered_by: str = ""
    given_on: date
    since: date | None = None
    until: date
    fingerprint: str
    revocation: Revocation | None = None
    scan: Scan | None = None
    started: bool = False
    expiring_told: bool = False
    expired_told: bool = False
    doubted_since: datetime | None = None

    @property
    def first_day(self) -> date:
        """The first day on which it holds."""
        return self.since or self.given_on

    @property
    def mistaken(self) -> bool:
        """Whether it was taken back because it should never have been entered."""
        revocation = self.revocation
        return revocation is not None and revocation.reason is RevocationReason.ENTERED_WRONGLY

    @property
    def scan_missing(self) -> bool:
        """Whether it was given on paper, and the paper is not stored: until then nothing is proven.

        There is no grace. The phone that enters it takes the paper's picture too, the agency's
        seat is held meanwhile, and who cannot do either writes down a spoken consent.
        """
        return self.method is ConsentMethod.PAPER and self.scan is None

    def holds(self, today: date) -> bool:
        """Tell whether it is in force today."""
        there = self.revocation is None and not self.scan_missing
        return there and self.first_day <= today <= self.until

    def held(self, at: datetime, zone: str) -> bool:
        """Tell whether it was in force at a moment that has passed, whatever became of it since."""
        scan, ended = self.scan, self.revocation
        if self.scan_missing or (scan is not None and scan.stored_at > at):
            return False
        day = local_date(at, zone)
        return (ended is None or ended.at > at) and self.first_day <= day <= self.until

    def covers(
        self, category: Category, agency: str, today: date, *, meets_need: bool = True
    ) -> bool:
        """Tell whether it lets this agency read of this need today."""
        return self.holds(today) and self.names(category, agency, meets_need=meets_need)

    def names(self, category: Category, agency: str, *, meets_need: bool = True) -> bool:
        """Tell whether it is for this need and this agency.

        Args:
            category: the need.
            agency: who would read.
            meets_need: the agency's service is for this kind of need, so that a consent which names
                no agency means it too.
        """
        meant = meets_need if not self.agencies else agency in self.agencies
        return category in self.categories and meant

    def next_due(self, zone: str, rules: Rules) -> datetime | None:
        """Return when time alone changes it next."""
        if self.revocation is not None or self.expired_told:
            return None
        moments = [moment(self.until + timedelta(days=1), 0, zone)]
        if self._to_renew(rules):
            moments.append(moment(self._renew_on(rules), rules.morning_hour, zone))
        if self._to_start:
            moments.append(moment(self.first_day, 0, zone))
        return min(moments)

    def passed(self, today: date, rules: Rules) -> "Consent":
        """Return it with everything marked that time has brought by today."""
        return self.model_copy(
            update={
                "started": self.started or (self._to_start and self.first_day <= today),
                "expiring_told": self.expiring_told
                or (self._to_renew(rules) and self._renew_on(rules) <= today),
                "expired_told": self.expired_told or self.until < today,
            }
        )

    def _renew_on(self, rules: Rules) -> date:
        return self.until - timedelta(days=rules.consent_ends_soon_days)

    @property
    def _to_start(self) -> bool:
        """Whether its first day is still to be told; of a paper, once it is stored."""
        return self.first_day > self.given_on and not self.started and not self.scan_missing

    def _to_renew(self, rules: Rules) -> bool:
        """Tell whether its end is still to be told beforehand.

        One for a week ends as it was meant to, and one that never held needs no other.
        """
        long = self._renew_on(rules) > self.first_day
        return long and not self.expiring_told and not self.scan_missing
