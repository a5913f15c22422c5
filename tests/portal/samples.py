"""What the stand-ins answer with: the shapes are those of the services' own APIs.

Everybody in here is made up.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
"""Ten in the morning of a Tuesday in Los Angeles."""

TOKEN = "A" * 22
DENTAL, COUNSEL = (f"01930000-0000-7000-8000-00000000000{n}" for n in (1, 2))
AGENCIES = {DENTAL: "Riverbend Family Dental", COUNSEL: "Puente Counseling Center"}


EMERGENCY = {
    "procedure": {
        "en": "If anybody is in danger now, call 911.\nStay with the child.",
        "es": "Si alguien está en peligro ahora, llame al 911.\nQuédese con el niño.",
    },
    "hotline": "County line, (510) 555-0199",
}


def referral_id(number: int) -> str:
    """Return the id of a sample referral."""
    return f"01930000-0000-7000-8000-0000000001{number:02d}"


def ago(**passed: float) -> str:
    """Return a time before now."""
    return (NOW - timedelta(**passed)).isoformat()


def referral(number: int, name: str, **changes: Any) -> dict[str, Any]:
    """Return a referral as the referral service shows it."""
    return {
        "id": referral_id(number),
        "version": 3,
        "site": "site-01",
        "student": referral_id(50 + number),
        "name": name,
        "grade": "3",
        "category": "dental",
        "urgency": "routine",
        "audience": "guardian",
        "state": "requested",
        "business": None,
        "since": ago(days=1),
        "created_at": ago(days=3),
        "round": 1,
        "candidates": [{"service": "s1", "agency": DENTAL}],
        "agency": None,
        "service": None,
        "appointment": None,
        "follow_ups": [],
        **changes,
    }


def due(kind: str) -> list[dict[str, str]]:
    """Return a follow-up whose day has come."""
    return [{"kind": kind, "due_on": "2026-11-24", "state": "due"}]


def taken(by: str) -> dict[str, Any]:
    """Return the fields of a referral that an agency has taken."""
    return {"agency": by, "service": "s1", "state": "accepted"}


def sample_referrals() -> list[dict[str, Any]]:
    """Return one referral for most of what a queue can show."""
    both = [{"service": "s1", "agency": DENTAL}, {"service": "s2", "agency": COUNSEL}]
    return [
        referral(
            1,
            "Ana R.",
            urgency="crisis",
            emergency=EMERGENCY,
            category="housing",
            since=ago(minutes=40),
            created_at=ago(minutes=50),
            candidates=both,
        ),
        referral(
            2,
            "Luis P.",
            **{**taken(DENTAL), "state": "completed", "business": "disputed", "grade": "5"},
        ),
        referral(
            3,
            "Marisol V.",
            **taken(COUNSEL),
            category="mental-health",
            grade="1",
            since=ago(days=10),
            follow_ups=due("agency-silent"),
        ),
        referral(4, "Daniel O.", state="draft", round=0, candidates=[], grade="2"),
        referral(
            5, "Inés T.", business="awaiting-consent", agency=DENTAL, service="s1", grade=None
        ),
        referral(6, "Tomás G.", state="rejected", candidates=both, since=ago(days=5)),
        referral(7, "Noor A.", candidates=[], since=ago(hours=5)),
        referral(8, "Kim L.", candidates=both, since=ago(hours=2)),
        referral(
            9,
            "Elena M.",
            **taken(DENTAL),
            business="appointment-scheduled",
            appointment=(NOW + timedelta(days=9)).isoformat(),
        ),
    ]


def call(
    number: int, reason: str, step: str, since: str, *agencies: str, **changes: Any
) -> dict[str, Any]:
    """Return why a sample referral's child is in the queue."""
    return {
        "reason": reason,
        "step": step,
        "since": since,
        "deadline": None,
        "referral": referral_id(number),
        "category": "dental",
        "agencies": list(agencies),
        **changes,
    }


def row(number: int, name: str, *calls: dict[str, Any], grade: str | None = "3") -> dict[str, Any]:
    """Return one child of the queue."""
    first, *more = calls
    student = referral_id(50 + number)
    return {**first, "name": name, "grade": grade, "student": student, "more": more}


def sample_today() -> list[dict[str, Any]]:
    """Return the queue as the referral service orders it."""
    later = (NOW + timedelta(days=3)).isoformat()
    ask, emergency = "ask-another-agency", "follow-emergency-procedure"
    therapy = {"category": "mental-health"}
    return [
        row(
            1,
            "Ana R.",
            call(1, "crisis-unclaimed", emergency, ago(minutes=40), category="housing"),
            call(8, "offer-ending", "call-agency", ago(hours=1), COUNSEL, deadline=later),
        ),
        row(
            2,
            "Luis P.",
            call(2, "family-said-no", "call-family", ago(days=1), DENTAL),
            grade="5",
        ),
        row(
            5,
            "Inés T.",
            call(5, "awaiting-consent", "get-consent", ago(days=1), DENTAL, deadline=later),
            grade=None,
        ),
        row(6, "Tomás G.", call(6, "nobody-took-it", ask, ago(days=5), DENTAL, COUNSEL)),
        row(
            3,
            "Marisol V.",
            call(3, "agency-silent", "call-agency", ago(days=10), COUNSEL, **therapy),
            grade="1",
        ),
        row(7, "Noor A.", call(7, "agency-silent", "call-agency", ago(hours=5))),
        row(4, "Daniel O.", call(4, "not-sent", "send", ago(days=3)), grade="2"),
    ]


REQUEST = referral_id(60)

HANDED: dict[str, Any] = {
    "id": referral_id(62),
    "site": "site-01",
    "version": 3,
    "to": "The food pantry of Saint Brigid, Sister Maren",
    "how": "went-together",
    "by": "rosa",
    "handed_at": ago(days=1),
    "released": ["name", "need"],
    "consented": True,
    "without_consent": None,
    "seen_at": None,
    "seen_by": None,
    "outcome": None,
    "closed_at": None,
    "closed_by": None,
}


def sample_request(**changes: Any) -> dict[str, Any]:
    """Return a request for help as the coordinator reads it."""
    return {
        "id": REQUEST,
        "version": 1,
        "site": "site-01",
        "source": "page",
        "state": "received",
        "asked_at": ago(hours=2),
        "by": None,
        "asker": None,
        "student": None,
        "name": None,
        "grade": "3",
        "children": [],
        "child": "Ana Ramírez, grade 3",
        "reach": "(510) 555-0188",
        "words": "Necesitamos comida para el fin de semana.\nSomos cinco.",
        "elsewhere": False,
        "handled": None,
        "forget_at": None,
        **changes,
    }


def sample_receipts() -> list[dict[str, Any]]:
    """Return what somebody who asked twice hears."""
    first = {"id": REQUEST, "site": "site-01", "warnings": []}
    return [
        {**first, "state": "received", "asked_at": ago(hours=2), "handled_at": None},
        {
            **first,
            "id": referral_id(61),
            "state": "handled",
            "asked_at": ago(days=4),
            "handled_at": ago(days=3),
        },
    ]


def asked_row() -> dict[str, Any]:
    """Return the row of a request whose child nobody knows yet."""
    return {
        "reason": "asked-for-help",
        "step": "look-at-request",
        "since": ago(hours=2),
        "deadline": None,
        "referral": None,
        "help_request": REQUEST,
        "category": None,
        "agencies": [],
        "name": "Leo, 3rd",
        "grade": None,
        "student": None,
        "more": [],
    }


def sample_timeline() -> list[dict[str, Any]]:
    """Return a timeline of an offer."""
    return [
        entry("e1", "referral.created", minutes=50),
        entry("e2", "referral.offered", minutes=48),
        entry("e3", "offering.opened", minutes=48),
        entry("e4", "message.sent", minutes=46, template="family-asked"),
        entry("e5", "offering.declined", minutes=20, agency=COUNSEL, reason="no-capacity"),
    ]


def entry(id: str, what: str, minutes: float = 0, **about: str) -> dict[str, Any]:
    """Return one line of a timeline."""
    return {"id": id, "at": ago(minutes=minutes), "what": what, "about": about}


def sample_conversation() -> list[dict[str, Any]]:
    """Return what was written with a family."""
    asked = "Hola Elena, soy Rosa de la escuela Lincoln. Ya pedimos ayuda. Responda si quiere."
    return [
        {
            "outgoing": True,
            "at": ago(minutes=46),
            "person": "p1",
            "channel": "sms",
            "text": asked,
            "template": "family-asked",
            "language": "es",
            "reads": "es",
            "state": "delivered",
            "reply": None,
        },
        {
            "outgoing": False,
            "at": ago(minutes=29),
            "person": "p1",
            "channel": "sms",
            "text": "Sí gracias. Salgo a las 12.",
            "language": "es",
            "state": None,
            "reply": "other",
        },
    ]


def sample_card(**changes: Any) -> dict[str, Any]:
    """Return the card behind an agency's link."""
    return {
        "offer": referral_id(70),
        "contact": referral_id(71),
        "agency": DENTAL,
        "agency_name": AGENCIES[DENTAL],
        "service": referral_id(72),
        "service_name": "Children's dental clinic",
        "category": "dental",
        "bands": {
            "age": "7-9",
            "language": "es",
            "grade": "3-5",
            "zip3": "946",
            "times": ["afternoon"],
        },
        "site": "site-01",
        "answer_by": (NOW + timedelta(hours=26)).isoformat(),
        "state": "open",
        "version": 2,
        "seats": {
            "available": 2,
            "maximum": 5,
            "unit": "seats",
            "status": "capacity",
            "as_of": ago(hours=1),
            "stale": False,
            "version": 4,
        },
        "claim_state": "none",
        "progress": None,
        "appointment": None,
        "decline_reason": None,
        "codes_alone": False,
        "by_hand": None,
        "questions": [],
        "next_actions": ["claim", "decline", "question", "seats"],
        **changes,
    }


def accepted_card() -> dict[str, Any]:
    """Return the card of an agency whose yes stands."""
    return sample_card(
        state="accepted", claim_state="accepted", next_actions=["progress", "code", "seats"]
    )


def sample_status(**changes: Any) -> dict[str, Any]:
    """Return what a family's link opens."""
    return {
        "referral": referral_id(9),
        "greeting": "Elena",
        "reads": "es",
        "child": "Ana",
        "coordinator": "coordinator-01",
        "site": "site-01",
        "state": "accepted",
        "business": "appointment-scheduled",
        "appointment": datetime(2026, 12, 3, 23, 30, tzinfo=UTC).isoformat(),
        **changes,
    }


def sample_deletion() -> dict[str, Any]:
    """Return what an agency was asked to delete."""
    read = {"referral": referral_id(9), "service_name": "Check-ups", "taken_at": None}
    return {
        "request": referral_id(70),
        "agency_name": "Bright Smiles",
        "site": "site-01",
        "referrals": [read],
        "asked_at": "2026-11-20T18:00:00Z",
        "due_on": "2026-12-08",
        "confirmed_at": None,
    }


IDENTITY = {
    "referral": referral_id(9),
    "name": "Ana Ramírez",
    "birth_date": "2018-05-14",
    "grade": "3",
    "language": "es",
    "need": "Pain when chewing, left side, two weeks.",
    "contacts": [
        {"name": "Elena", "relation": "mother", "reads": "es", "phone": "+15105550123"},
    ],
}


CHILDREN: list[dict[str, Any]] = [
    {
        "id": referral_id(80),
        "site": "site-01",
        "family": referral_id(85),
        "given_name": "Ana",
        "family_name": "Ramírez",
        "birth_date": "2018-05-14",
        "grade": "3",
        "home_zip": "94601",
        "insurance": "medicaid",
    },
    {
        "id": referral_id(81),
        "site": "site-01",
        "family": referral_id(85),
        "given_name": "Leo",
        "family_name": "Ramírez",
        "birth_date": "2020-01-02",
        "grade": None,
    },
]
PARENTS: list[dict[str, Any]] = [
    {
        "id": referral_id(86),
        "relation": "mother",
        "given_name": "Elena",
        "reads": "es",
        "phone": "+15105550123",
        "email": None,
        "preferred": "sms",
        "may_be_told": True,
    },
    {
        "id": referral_id(87),
        "relation": "father",
        "given_name": "Mateo",
        "reads": "es",
        "phone": None,
        "email": None,
        "preferred": "sms",
        "may_be_told": False,
    },
]


def funnel(category: str | None, *numbers: int | None) -> dict[str, Any]:
    """Return a row of the funnel."""
    names = (
        "created",
        "offered",
        "accepted",
        "started",
        "partner_closed",
        "family_verified",
        "disputed",
    )
    shares = [
        None if part is None or not numbers[2] else round(part / numbers[2], 4)
        for part in (numbers[4], numbers[5])
    ]
    return {
        "category": category,
        **dict(zip(names, numbers, strict=True)),
        "partner_closed_rate": shares[0],
        "family_verified_rate": shares[1],
        "accepted_within_hours": 24,
    }


FUNNEL = {
    **funnel(None, 117, 110, 98, 90, 88, 66, 12),
    "site": None,
    "published": True,
    "before": "2026-11",
    "by_category": [
        funnel("dental", 60, 58, 50, 48, 46, 36, None),
        funnel("food", 57, 52, 48, 42, 42, 30, None),
        funnel("vision", None, None, None, None, None, None, None),
    ],
}
