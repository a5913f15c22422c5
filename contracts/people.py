"""Topic `people`: whom a message may reach. Key: person id. Owner: referral. Restricted.

Everything that could identify, alone or by combination, is inside `profile`, encrypted under the
person's own key; only services that may read the key vault can open it.
"""

from datetime import time

from contracts.code import Code
from contracts.codes import Channel, Language, Relation
from contracts.event import Event, Part
from contracts.sealed import Sealed
from contracts.topic import PEOPLE


class PersonKind(Code):
    """Student or the student's contact."""

    STUDENT = "student"
    CONTACT = "contact"


class Profile(Part):
    """What `profile` holds once opened.

    Attributes:
        may_be_told: false under a custody note or a no-contact order; then nothing is ever sent.
        reach_from: time of day, local to `zone`, from which they like to be reached; None: as all.
        reach_until: and until when.
    """

    given_name: str
    relation: Relation
    reads: Language
    phone: str | None = None
    email: str | None = None
    preferred: Channel = Channel.SMS
    may_be_told: bool = False
    zone: str = "America/Los_Angeles"
    reach_from: time | None = None
    reach_until: time | None = None


class PersonChanged(Event, topic=PEOPLE, type="org.enlace.person.changed.v1"):
    """The full present state of one person."""

    person: str
    kind: PersonKind
    family: str
    profile: Sealed


class PersonErased(Event, topic=PEOPLE, type="org.enlace.person.erased.v1"):
    """The person's key is destroyed; every service forgets what it holds and confirms."""

    person: str
    family: str
