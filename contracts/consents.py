"""Topic `consents`: consent, disclosures and erasure. Key: family id. Owner: referral.

FERPA (34 CFR 99.30 and 99.32): consent states records, purpose and party, and every disclosure is
recorded with who, what, when and why.
"""

from datetime import date

from pydantic import AwareDatetime

from contracts.categories import TopicCategory
from contracts.code import Code
from contracts.codes import ReleasedPart
from contracts.event import Event
from contracts.provider import ProviderId
from contracts.topic import CONSENTS


class ConsentMethod(Code):
    """How consent was given."""

    SIGNED_ON_SCREEN = "signed-on-screen"
    PAPER = "paper"
    VERBAL_WITNESSED = "verbal-witnessed"


class ReceiptMethod(Code):
    """How an agency's confirmation came."""

    BY_AGENCY = "by-agency"
    TOLD_STAFF = "told-staff"


class ConsentGranted(Event, topic=CONSENTS, type="org.enlace.consent.granted.v1"):
    """A family lets named kinds of agency read named parts for named needs, until a day.

    One given on paper holds from **consent-started** on: its scan is not stored yet.
    """

    consent: str
    family: str
    student: str
    categories: tuple[TopicCategory, ...]
    agencies: tuple[ProviderId, ...]
    parts: tuple[ReleasedPart, ...]
    method: ConsentMethod
    until: date


class ConsentStarted(Event, topic=CONSENTS, type="org.enlace.consent.started.v1"):
    """From now on a consent holds that did not when it was granted. What waits for it goes on.

    Its first day has come, or the signed paper of one given on paper is stored.
    """

    consent: str
    family: str
    student: str


class ConsentRevoked(Event, topic=CONSENTS, type="org.enlace.consent.revoked.v1"):
    """Taken back. Nothing may be released under it from now on."""

    consent: str
    family: str
    student: str


class ConsentExpiring(Event, topic=CONSENTS, type="org.enlace.consent.expiring.v1"):
    """It ends soon: somebody asks the family for another one, or lets it end.

    Attributes:
        until: its last day, local to the school.
    """

    consent: str
    family: str
    student: str
    until: date


class ConsentExpired(Event, topic=CONSENTS, type="org.enlace.consent.expired.v1"):
    """Its last day has passed."""

    consent: str
    family: str
    student: str


class DisclosureMade(Event, topic=CONSENTS, type="org.enlace.consent.disclosure-made.v1"):
    """An agency read who the child is: who, what, of whom, for which referral, by which leave.

    Attributes:
        consent: id of the consent; absent where staff told a place outside the network without one,
            and wrote that down.
        made_at: when it was told. The event's own time is when that was written down, which is
            later where staff told a place outside the network by word.
    """

    disclosure: str
    family: str
    student: str
    referral: str
    consent: str | None = None
    agency: ProviderId
    service: ProviderId
    claim: str
    parts: tuple[ReleasedPart, ...]
    made_at: AwareDatetime


class DeletionRequested(Event, topic=CONSENTS, type="org.enlace.consent.deletion-requested.v1"):
    """An agency is asked to delete what it read and may not keep.

    A consent was taken back, or the referral was entered in error.

    Attributes:
        request: id of the request: one for each agency and consent, or referral entered in error.
        consent: the one taken back; null where the referral was entered in error.
        referrals: ids of the referrals for which the agency read who the child is; by them it finds
            what is meant.
        due_on: the last day for its confirmation, local to the school.
    """

    request: str
    family: str
    consent: str | None = None
    agency: ProviderId
    referrals: tuple[str, ...]
    due_on: date


class DeletionConfirmed(Event, topic=CONSENTS, type="org.enlace.consent.deletion-confirmed.v1"):
    """The agency says that it has deleted what it read.

    Attributes:
        request: id of the request.
        consent: the one taken back; null where the referral was entered in error.
        receipt: how the confirmation came.
    """

    request: str
    family: str
    consent: str | None = None
    agency: ProviderId
    receipt: ReceiptMethod


class DeletionOverdue(Event, topic=CONSENTS, type="org.enlace.consent.deletion-overdue.v1"):
    """The last day for the confirmation has passed without one: somebody calls the agency.

    Attributes:
        request: id of the request.
        consent: the one taken back; null where the referral was entered in error.
    """

    request: str
    family: str
    consent: str | None = None
    agency: ProviderId


class FamilyErased(Event, topic=CONSENTS, type="org.enlace.consent.family-erased.v1"):
    """All that was known of a family is to be forgotten; its keys are destroyed.

    Every service forgets what it holds of these people and referrals, and can then say so.

    Attributes:
        erasure: id of the erasure.
        persons: ids of its students and contacts.
        referrals: ids of all referrals of its students.
    """

    erasure: str
    family: str
    persons: tuple[str, ...]
    referrals: tuple[str, ...]
