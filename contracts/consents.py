"""Topic `consents`: consent and disclosures. Key: family id. Owner: referral.

FERPA (34 CFR 99.30 and 99.32): consent states records, purpose and party, and every disclosure is
recorded with who, what, when and why.
"""

from datetime import date

from contracts.categories import TopicCategory
from contracts.code import Code
from contracts.codes import ReleasedPart
from contracts.event import Event
from contracts.topic import CONSENTS


class ConsentMethod(Code):
    """How consent was given."""

    SIGNED_ON_SCREEN = "signed-on-screen"
    PAPER = "paper"
    VERBAL_WITNESSED = "verbal-witnessed"


class ConsentGranted(Event, topic=CONSENTS, type="org.enlace.consent.granted.v1"):
    """A family lets named kinds of agency read named parts for named needs, until a day."""

    consent: str
    family: str
    student: str
    categories: tuple[TopicCategory, ...]
    agencies: tuple[str, ...]
    parts: tuple[ReleasedPart, ...]
    method: ConsentMethod
    until: date


class ConsentRevoked(Event, topic=CONSENTS, type="org.enlace.consent.revoked.v1"):
    """Taken back. Nothing may be released under it from now on."""

    consent: str
    family: str
    student: str


class ConsentExpired(Event, topic=CONSENTS, type="org.enlace.consent.expired.v1"):
    """Its last day has passed."""

    consent: str
    family: str
    student: str


class DisclosureMade(Event, topic=CONSENTS, type="org.enlace.consent.disclosure-made.v1"):
    """An agency read who the child is: who, what, of whom, for which referral, by which leave."""

    disclosure: str
    family: str
    student: str
    referral: str
    consent: str
    agency: str
    service: str
    claim: str
    parts: tuple[ReleasedPart, ...]
