"""What the stand-ins answer of what calls besides the referrals: shaped as the services' APIs."""

from typing import Any

from tests.portal.samples import DENTAL, ago, referral_id
from tests.portal.samples_parts import CONSENT, MARIA, ROSA

RECEIPT, MEETING, TASK, OPENING, REPORT = (referral_id(n) for n in (33, 34, 35, 36, 37))


def receipt() -> dict[str, Any]:
    """Return a request to delete that nobody has confirmed."""
    return {
        "id": RECEIPT,
        "site": "site-01",
        "student": referral_id(52),
        "consent": CONSENT,
        "agency": DENTAL,
        "referrals": [referral_id(2)],
        "asked_at": ago(days=20),
        "due_on": "2026-11-18",
        "state": "overdue",
        "receipt": None,
    }


def meeting() -> dict[str, Any]:
    """Return a meeting with a task whose day has passed."""
    task = {
        "id": TASK,
        "meeting": MEETING,
        "student": referral_id(80),
        "what": "Ask the bus company for a stop nearer to the home",
        "owner": ROSA,
        "due_on": "2026-11-20",
        "state": "overdue",
        "overdue_at": ago(days=3),
        "done_at": None,
        "done_by": None,
    }
    return {
        "id": MEETING,
        "version": 2,
        "student": referral_id(80),
        "held_on": "2026-11-12",
        "participants": [],
        "decided": "A nearer bus stop.",
        "tasks": [task],
        "by": ROSA,
        "recorded_at": ago(days=12),
        "warnings": [],
    }


def opener(**changes: Any) -> dict[str, Any]:
    """Return how somebody uses the emergency access."""
    return {
        "by": MARIA,
        "name": "María Quiroga",
        "searches": 3,
        "turned_away": 1,
        "suspended": False,
        "suspended_until": None,
        "suspended_for": None,
    } | changes


def opening() -> dict[str, Any]:
    """Return an emergency opening that nobody has reviewed."""
    return {
        "id": OPENING,
        "by": MARIA,
        "opener": opener(),
        "site": "site-01",
        "student": referral_id(52),
        "referral": referral_id(2),
        "reason": "The child had an allergic shock on the bus and no coordinator was there.",
        "opened_at": ago(days=1),
        "closes_at": ago(hours=20),
        "review": None,
    }


def report(**changes: Any) -> dict[str, Any]:
    """Return a child-protection report for which the hotline was not called yet."""
    return {
        "id": REPORT,
        "version": 1,
        "student": referral_id(80),
        "name": "Ana R.",
        "reporter": ROSA,
        "words": "She told me about bruises on her arm.",
        "next_step": "call-the-hotline",
        "hotline": "County line, (510) 555-0199",
        "created_at": ago(hours=1),
        "called_at": None,
        "reference": None,
        "due_at": None,
        "filed_at": None,
        "overdue": False,
        "corrections": [],
        **changes,
    }
