"""What the stand-ins answer of one referral's parts: shaped as the services' own APIs."""

from typing import Any

from tests.portal.samples import AGENCIES, COUNSEL, DENTAL, PARENTS, ago, referral_id

ROSA = "coordinator-01"
MARIA = "care-team-01"
FOLLOW_UP = "did-help-arrive-1"
CONSENT, NOTE, ATTEMPT = (referral_id(n) for n in (30, 31, 32))

COLLEAGUES: dict[str, Any] = {
    "site": "site-01",
    "items": [
        {"subject": ROSA, "name": "Rosa Medina", "roles": ["coordinator"]},
        {"subject": "coordinator-02", "name": "Denise Okafor", "roles": ["coordinator"]},
        {"subject": MARIA, "name": "María Quiroga", "roles": ["care-team"]},
    ],
}


def follow_ups() -> list[dict[str, Any]]:
    """Return the follow-ups of a referral that an agency has reported done."""
    usual = {
        "zone": "America/Los_Angeles",
        "tries": 1,
        "because": None,
        "owner": ROSA,
        "level": None,
        "snoozed": None,
        "end": None,
        "words": None,
    }
    return [
        {
            **usual,
            "id": "look-in-1",
            "kind": "look-in",
            "state": "done",
            "due_on": "2026-11-10",
            "end": "done",
            "words": "The family has a date.",
        },
        {
            **usual,
            "id": FOLLOW_UP,
            "kind": "did-help-arrive",
            "state": "overdue",
            "due_on": "2026-11-23",
            "level": "site-lead",
        },
        {
            **usual,
            "id": "look-in-2",
            "kind": "look-in",
            "state": "pending",
            "due_on": "2026-12-08",
            "owner": MARIA,
            "snoozed": "family-asked",
        },
    ]


def short_follow_ups() -> list[dict[str, str]]:
    """Return the same as a referral itself tells them."""
    return [
        {name: each[name] for name in ("id", "kind", "due_on", "state")} for each in follow_ups()
    ]


def consents() -> list[dict[str, Any]]:
    """Return a consent on paper that holds, and one that was taken back."""
    usual = {
        "categories": ["dental", "vision"],
        "agencies": [],
        "parts": ["name", "contact", "need"],
        "purposes": ["arrange-service"],
        "read_in": "es",
        "witness": None,
        "interpreter": None,
        "given_by": PARENTS[0]["id"],
        "own": False,
        "guardian_may_know": False,
        "entered_by": ROSA,
        "until": "2027-06-30",
        "scan": None,
        "revocation": None,
    }
    taken_back = {
        "at": ago(days=40),
        "by": PARENTS[0]["id"],
        "recorded_by": ROSA,
        "reason": "changed-mind",
        "words": "She wants another clinic.",
    }
    return [
        {
            **usual,
            "id": referral_id(29),
            "agencies": [COUNSEL],
            "method": "verbal-witnessed",
            "witness": "Tomás Lee",
            "given_on": "2026-09-03",
            "since": "2026-09-03",
            "holds": False,
            "scan_missing": False,
            "revocation": taken_back,
        },
        {
            **usual,
            "id": CONSENT,
            "method": "paper",
            "given_on": "2026-10-15",
            "since": "2026-10-15",
            "holds": True,
            "scan_missing": True,
        },
    ]


def notes() -> list[dict[str, Any]]:
    """Return one's own note, which can still be changed, and a colleague's with an addition."""
    added = {
        "id": referral_id(38),
        "words": "He has it now.",
        "by": MARIA,
        "at": ago(days=1),
    }
    usual = {"version": 1, "student": referral_id(52), "referral": referral_id(2), "warnings": []}
    return [
        {
            **usual,
            "id": NOTE,
            "visibility": "care-team",
            "words": "The grandmother brings him on Tuesdays.",
            "author": ROSA,
            "written_at": ago(minutes=20),
            "edited_at": None,
            "editable_until": ago(minutes=-40),
            "amendments": [],
        },
        {
            **usual,
            "id": referral_id(39),
            "visibility": "partner",
            "words": "Needs the blue form from the office.",
            "author": MARIA,
            "written_at": ago(days=3),
            "edited_at": None,
            "editable_until": ago(days=3),
            "amendments": [added],
        },
    ]


def attempts() -> list[dict[str, Any]]:
    """Return an attempt that reached the mother, and one that was recorded late."""
    usual = {
        "student": referral_id(52),
        "person": PARENTS[0]["id"],
        "language": "es",
        "interpreter": "none",
        "words": None,
        "next_step": None,
        "next_on": None,
        "warnings": [],
    }
    return [
        {
            **usual,
            "id": ATTEMPT,
            "referral": referral_id(2),
            "kind": "call",
            "reached": True,
            "happened_at": ago(days=1),
            "words": "She says that nobody called her.",
            "next_step": "Call the clinic",
            "next_on": "2026-11-25",
            "by": ROSA,
            "recorded_at": ago(days=1),
        },
        {
            **usual,
            "id": referral_id(40),
            "referral": None,
            "kind": "visit",
            "reached": False,
            "happened_at": ago(days=4),
            "by": MARIA,
            "recorded_at": ago(days=3),
        },
    ]


def disclosures() -> list[dict[str, Any]]:
    """Return one reading under the consent that holds."""
    return [
        {
            "id": referral_id(41),
            "student": referral_id(52),
            "referral": referral_id(2),
            "category": "dental",
            "consent": CONSENT,
            "agency": DENTAL,
            "service": "s1",
            "parts": ["name", "contact"],
            "purposes": ["arrange-service"],
            "confidential": False,
            "made_at": ago(days=9),
        }
    ]


def history() -> list[dict[str, Any]]:
    """Return who did what, newest first."""
    nowhere = {"address": None, "request": None}
    return [
        {
            "id": "h3",
            "at": ago(days=9),
            "what": "identity.read",
            "who": {"kind": "agency", "id": DENTAL, "name": None},
            "via": "agency-link",
            "about": {"agency": DENTAL},
            **nowhere,
        },
        {
            "id": "h2",
            "at": ago(days=10),
            "what": "note.written",
            "who": {"kind": "staff", "id": MARIA, "name": "María Quiroga"},
            "via": "portal",
            "about": {},
            **nowhere,
        },
        {
            "id": "h1",
            "at": ago(days=12),
            "what": "referral.created",
            "who": {"kind": "staff", "id": ROSA, "name": "Rosa Medina"},
            "via": "portal",
            "about": {},
            **nowhere,
        },
    ]


def meanwhile() -> list[dict[str, Any]]:
    """Return what somebody else did since the page was opened."""
    return [
        {
            "what": "referral.on-hold",
            "at": ago(minutes=3),
            "by": "coordinator-02",
            "name": "Denise Okafor",
        }
    ]


def planned() -> dict[str, Any]:
    """Return a wave that is asked tomorrow."""
    return {
        "wave": 2,
        "opens_at": ago(days=-1),
        "answer_by": ago(days=-3),
        "candidates": [
            {
                "service": "s7",
                "service_name": "Evening clinic",
                "agency": COUNSEL,
                "agency_name": "Harbour Dental",
            }
        ],
    }


KNOWN = {
    "age": "7-9",
    "grade": "3-5",
    "times": ["evening"],
    "language": "es",
    "urgency": "soon",
    "insurance": None,
    "word": None,
}
"""What can be told of a child without telling who it is."""


def asked_questions() -> list[dict[str, Any]]:
    """Return what three agencies wanted to know; two of them wait."""
    usual = {
        "agency": DENTAL,
        "asked_at": ago(hours=2),
        "answer_by": ago(hours=-30),
        "answer": None,
        "answered_by": None,
        "answered_at": None,
    }
    told: dict[str, Any] = {
        **dict.fromkeys(KNOWN),
        "times": [],
        "urgency": "soon",
        "word": "after-yes",
    }
    return [
        {
            **usual,
            "question": referral_id(75),
            "offer": referral_id(70),
            "topics": ["age", "times", "insurance"],
        },
        {
            **usual,
            "question": referral_id(76),
            "offer": referral_id(71),
            "agency": COUNSEL,
            "topics": ["other"],
        },
        {
            **usual,
            "question": referral_id(77),
            "offer": referral_id(72),
            "topics": ["urgency", "other"],
            "answer": told,
            "answered_by": "rosa",
            "answered_at": ago(hours=1),
        },
    ]


def offers() -> list[dict[str, Any]]:
    """Return what became of two offers."""
    usual = {
        "round": 1,
        "service": "s1",
        "reason": None,
        "words": None,
        "answered_at": None,
        "claim_state": "none",
        "progress": None,
        "appointment": None,
        "by_hand": None,
        "wave": 1,
        "answer_by": ago(hours=-30),
        "reminded_at": None,
    }
    return [
        {
            **usual,
            "reminded_at": ago(hours=2),
            "offer": referral_id(70),
            "agency": DENTAL,
            "agency_name": AGENCIES[DENTAL],
            "service_name": "Children's dental clinic",
            "state": "open",
            "questions": [
                {
                    "question": referral_id(75),
                    "topics": ["age", "times", "insurance"],
                    "words": "Can they come by bus?",
                    "asked_at": ago(hours=2),
                    "answer": None,
                    "answered_at": None,
                }
            ],
        },
        {
            **usual,
            "offer": referral_id(71),
            "agency": COUNSEL,
            "agency_name": AGENCIES[COUNSEL],
            "service_name": "Family counselling",
            "state": "open",
        },
        {
            **usual,
            "offer": referral_id(72),
            "agency": COUNSEL,
            "agency_name": "Tooth Bus",
            "service_name": "On campus",
            "state": "declined",
            "reason": "no-capacity",
            "words": "From January again.",
            "answered_at": ago(days=1),
            "by_hand": {"said_by": "Dana Frost"},
        },
    ]
