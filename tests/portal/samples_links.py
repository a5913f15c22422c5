"""What an agency finds behind links that are not of one offer."""

from typing import Any

from tests.portal.samples import referral_id


def sample_batch(**changes: Any) -> dict[str, Any]:
    """Return three families that one school asks for at once: two open, one taken."""
    bands = {"age": "7-9", "language": "es", "grade": "3-5", "zip3": "946", "times": ["morning"]}
    row = {"bands": bands, "state": "open", "ours": False, "token": None}
    taken = {"offer": "off-3", "place": None, "state": "accepted", "ours": True, "token": "B" * 22}
    return {
        "agency_name": "Bright Smiles",
        "service_name": "Check-ups",
        "category": "dental",
        "site": "site-01",
        "answer_by": "2026-11-25T18:00:00Z",
        "open": 2,
        "taken": 1,
        "seats": None,
        "turn": 1,
        "codes_alone": False,
        "pending": False,
        "last": {"wants": 3, "got": 1},
        "rows": [
            {**row, "offer": "off-1", "place": 1},
            {**row, "offer": "off-2", "place": 2},
            {**row, **taken},
        ],
        **changes,
    }


def sample_entries() -> dict[str, Any]:
    """Return what the directory says of an agency."""
    place = {"name": "Main office", "lines": ["12 Grove St"], "city": "Oakland"}
    service = {
        "service": referral_id(71),
        "name": "Check-ups",
        "category": "dental",
        "description": "Bring your insurance card.",
        "languages": ["es", "en"],
        "minimum_age": 5,
        "maximum_age": None,
        "locations": [{**place, "postal_code": "94601"}],
        "terms": {"hours": [{"day": "MO", "opens_at": "08:30", "closes_at": "16:00"}]},
        "confirmed": None,
    }
    return {
        "agency": referral_id(72),
        "agency_name": "Bright Smiles",
        "website": "https://smiles.example.org",
        "services": [service],
        "total": 2,
        "done": False,
        "confirmed": {"at": "2026-05-20T18:00:00Z", "by": "agency"},
    }
