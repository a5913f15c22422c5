"""A topic: who owns it, what its key is, and why it exists."""

from dataclasses import dataclass

PARTITIONS = 12
"""Partitions of every topic, for ever: a key must never move to another partition."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic.

    Attributes:
        name: the name without the district's prefix.
        owner: the only service that writes to it.
        key: what the record key identifies; order is kept per key.
        key_fields: the fields of every message on it that make the key, joined by `@`.
        summary: one sentence for a partner engineer.
        restricted: whether it carries personal data in encrypted fields.
        traced: whether its events carry the trace of what caused them. Where an agency stands in
            clear they do not: the trace would tell which child's referral it was.
    """

    name: str
    owner: str
    key: str
    key_fields: tuple[str, ...]
    summary: str
    restricted: bool = False
    traced: bool = True


REFERRALS = Topic(
    "referrals", "referral", "referral id", ("referral",), "What happens to a referral."
)
FOLLOW_UPS = Topic(
    "follow-ups", "referral", "referral id", ("referral",), "When somebody must look again."
)
CONSENTS = Topic(
    "consents",
    "referral",
    "family id",
    ("family",),
    "Consent given or ended; disclosures; erasure.",
)
PEOPLE = Topic(
    "people",
    "referral",
    "person id",
    ("person",),
    "Whom a message may reach: contact and language, encrypted for the services that may read it.",
    restricted=True,
)
OFFERINGS = Topic(
    "offerings",
    "partner",
    "referral id",
    ("referral",),
    "All offers of one referral and what became of each.",
)
PARTNER_CAPACITY = Topic(
    "partner-capacity",
    "partner",
    "service id and site, as service@site",
    ("service", "site"),
    "The full state of a service's seats at a site, at each change.",
    traced=False,
)
AGENCIES = Topic(
    "agencies",
    "partner",
    "agency id",
    ("agency",),
    "Agencies, their services and agreements; contacts encrypted.",
    restricted=True,
)
MESSAGES = Topic(
    "messages",
    "notify",
    "conversation id",
    ("conversation",),
    "What was sent to whom, how it fared, and answers as codes.",
)
STAFF = Topic(
    "staff",
    "referral",
    "entry of the register, or id of an opening",
    ("entry",),
    "Who may act for the district, where and until when; records opened by breaking the glass.",
)
HELP_REQUESTS = Topic(
    "help-requests",
    "referral",
    "help request id",
    ("help_request",),
    "Somebody asked for help: that it was received, and that it was handled.",
)
TEXTED_REQUESTS = Topic(
    "texted-requests",
    "notify",
    "help request id",
    ("help_request",),
    "A family asked for help by text: its words, encrypted, on their way to the coordinator.",
    restricted=True,
)
REFERRAL_MARKS = Topic(
    "referral-marks",
    "referral",
    "referral id",
    ("referral",),
    "By what a referred child is counted, encrypted: together such marks could tell who it is.",
    restricted=True,
)
RULES = Topic(
    "rules",
    "referral",
    "part of the district's rules",
    ("part",),
    "What the district has laid down that others go by: the full state of a part at each change.",
    traced=False,
)

TOPICS = (
    REFERRALS,
    FOLLOW_UPS,
    CONSENTS,
    PEOPLE,
    OFFERINGS,
    PARTNER_CAPACITY,
    AGENCIES,
    MESSAGES,
    STAFF,
    HELP_REQUESTS,
    TEXTED_REQUESTS,
    REFERRAL_MARKS,
    RULES,
)
BY_NAME = {topic.name: topic for topic in TOPICS}
