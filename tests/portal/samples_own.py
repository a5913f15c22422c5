"""What partner answers to an agency's own staff: shaped as its own API. Everybody is made up."""

from typing import Any

from tests.portal.samples import AGENCIES, DENTAL, ago, referral_id
from tests.portal.samples_links import sample_batch


def own_id(n: int) -> str:
    """Return an id that stands for nothing else in the samples."""
    return f"01930000-0000-7000-8000-{9_000 + n:012d}"


HOOK, BROKEN, KEY, OLD_KEY = (own_id(n) for n in (110, 111, 112, 113))
LINE, LOST, TEST_LINE = (own_id(n) for n in (120, 121, 122))
OPEN, LATER, TAKEN, CLAIMED, WAITS = (own_id(n) for n in (130, 131, 132, 133, 134))
BATCH = own_id(140)
SECRET, NEW_KEY = "whsec_" + "A" * 43 + "=", "enlk_" + "B" * 43


def offer(id: str, **changes: Any) -> dict[str, Any]:
    """Return an offer that waits for an answer."""
    return {
        "offer": id,
        "service": referral_id(20),
        "service_name": "Children's dental clinic",
        "category": "dental",
        "bands": {"age": "7-9", "language": "es", "grade": "3-5", "zip3": None, "times": []},
        "site": "site-01",
        "answer_by": ago(hours=-26),
        "state": "open",
        "claim_state": "none",
        "progress": None,
        "appointment": None,
        "decline_reason": None,
        "batch": None,
        **changes,
    }


def sample_shelves() -> dict[str, list[dict[str, Any]]]:
    """Return an agency's offers by where they stand."""
    closed = {"bands": None, "state": "taken"}
    ours = {"state": "accepted", "claim_state": "accepted"}
    return {
        "open": [
            offer(LATER, answer_by=ago(hours=-50), category="vision", service_name="Glasses"),
            offer(OPEN),
            offer(own_id(135), batch=BATCH),
        ],
        "ours": [
            offer(TAKEN, **ours, progress="scheduled", appointment=ago(days=-3)),
            offer(CLAIMED, state="claimed", claim_state="awaiting-consent"),
        ],
        "waiting": [offer(WAITS, state="waitlisted")],
        "over": [
            offer(own_id(136), **closed),
            offer(own_id(137), state="declined", bands=None, decline_reason="no-capacity"),
        ],
    }


def sample_batches() -> list[dict[str, Any]]:
    """Return the families that one school asks for at once."""
    page = sample_batch()
    kept = ("service_name", "category", "site", "answer_by", "open", "taken")
    return [{"id": BATCH, **{name: page[name] for name in kept}}]


def sample_hooks() -> list[dict[str, Any]]:
    """Return an endpoint that works, and one that was given up."""
    works = {
        "id": HOOK,
        "version": 3,
        "agency": DENTAL,
        "url": "https://dental.example.org/enlace/events",
        "types": [],
        "services": [],
        "state": "enabled",
        "reason": None,
        "disabled_at": None,
        "failing_since": None,
        "created_at": ago(days=40),
        "live_secrets": 1,
        "waiting": 0,
        "secret": None,
    }
    broken = {
        **works,
        "id": BROKEN,
        "url": "https://old.example.org/hooks",
        "types": ["org.enlace.offer.opened.v1", "org.enlace.offer.accepted.v1"],
        "state": "disabled",
        "reason": "failing",
        "disabled_at": ago(days=2),
        "failing_since": ago(days=7),
        "live_secrets": 2,
        "waiting": 14,
    }
    return [works, broken]


def sample_lines() -> list[dict[str, Any]]:
    """Return a delivery log: one that arrived, one that waits, a test event."""
    body = '{"specversion":"1.0","type":"org.enlace.offer.opened.v1","data":{"offer":"…"}}'
    arrived = {
        "id": LINE,
        "number": 41,
        "tries": 1,
        "event": own_id(150),
        "type": "org.enlace.offer.opened.v1",
        "at": ago(hours=1),
        "outcome": "delivered",
        "status": 204,
        "error": None,
        "took": 83,
        "body": body,
        "response": None,
        "next_try": None,
    }
    lost = {
        **arrived,
        "id": LOST,
        "number": 42,
        "tries": 3,
        "type": "org.enlace.offer.accepted.v1",
        "outcome": "failed",
        "status": None,
        "error": "timed-out",
        "took": 15_000,
        "next_try": ago(hours=-1),
    }
    test = {
        **arrived,
        "id": TEST_LINE,
        "number": 0,
        "type": "org.enlace.test.v1",
        "outcome": "failed",
        "status": 500,
        "response": "<h1>Internal error</h1>",
    }
    return [arrived, lost, test]


def sample_keys() -> list[dict[str, Any]]:
    """Return a key that works, and one that was ended."""
    works = {
        "id": KEY,
        "agency": DENTAL,
        "name": "Case system",
        "shown": "enlk_abc123",
        "scopes": ["feed", "webhooks"],
        "created_at": ago(days=300),
        "expires": ago(days=-9),
        "last_used": ago(hours=2),
        "revoked": False,
        "key": None,
    }
    ended = {
        **works,
        "id": OLD_KEY,
        "name": "Former system",
        "revoked": True,
        "last_used": None,
        "created_at": ago(days=200),
    }
    return [ended, works]


AGENCY_NAME = AGENCIES[DENTAL]
