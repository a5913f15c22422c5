"""What partner answers of its directory, seats and agreements: shaped as its own API.

Everybody in here is made up.
"""

from typing import Any

from tests.portal.samples import AGENCIES, COUNSEL, DENTAL, ago, referral_id

CLINIC, BUS, FAMILY = (referral_id(n) for n in (20, 21, 22))
"""Services: the dental clinic's own, its bus, and the counselling centre's."""

LIVE, STOPPED, REVIEW, DRAFT, ENDED = (referral_id(n) for n in (40, 41, 42, 43, 44))
"""Agreements, by how they stand."""

DOCUMENT = referral_id(45)


def reason(code: str, es: str, en: str) -> dict[str, Any]:
    """Return why a place fits, in both languages."""
    return {"code": code, "es": es, "en": en, "points": None}


def sample_matches() -> dict[str, Any]:
    """Return two places that fit and one that cannot be asked."""
    clinic = {
        "service": CLINIC,
        "service_name": "Children's dental clinic",
        "agency": DENTAL,
        "agency_name": AGENCIES[DENTAL],
        "unit": "seats",
        "seats": 2,
        "maximum": 5,
        "status": "capacity",
        "as_of": ago(hours=1),
        "stale": False,
        "wait": None,
        "languages": ["es", "en"],
        "score": 81.0,
        "reasons": [
            reason("seats-free", "2 lugares libres", "2 seats free"),
            reason("language-spoken", "Atiende en el idioma de la familia", "Speaks the language"),
            reason("near-home", "A unas 0.8 millas de casa", "About 0.8 miles from home"),
            reason("agreement-ends", "El convenio termina pronto", "The agreement ends soon"),
        ],
    }
    bus = {
        **clinic,
        "service": BUS,
        "service_name": "Tooth bus",
        "agency": COUNSEL,
        "agency_name": AGENCIES[COUNSEL],
        "seats": 1,
        "as_of": ago(days=41),
        "stale": True,
        "languages": ["en"],
        "score": 52.5,
        "reasons": [
            reason("on-campus", "En la escuela misma", "At the school itself"),
            reason("language-missing", "No en su idioma", "Not in the family's language"),
            reason("seats-old", "Dato de hace 41 días: pregunte", "Told 41 days ago: ask first"),
        ],
    }
    return {
        "matches": [clinic, bus],
        "excluded": [county()],
        "total": 2,
        "excluded_total": 1,
        "missing": [],
        "recorded": False,
    }


def county() -> dict[str, Any]:
    """Return a place that no offer can go to."""
    return {
        "service": referral_id(23),
        "service_name": "County dental",
        "agency": referral_id(24),
        "agency_name": "Sample County Clinic",
        "reasons": [
            reason("no-agreement", "Sin convenio vigente", "No live agreement for this school"),
            reason("too-old", "Atiende hasta los 5 años", "Takes children up to 5 years"),
        ],
    }


def nothing_fits(*, recorded: bool) -> dict[str, Any]:
    """Return the answer where no place fits."""
    return {
        **sample_matches(),
        "matches": [],
        "total": 0,
        "missing": ["no-agreement", "too-old"],
        "recorded": recorded,
    }


def service(id: str, name: str, agency: str, **changes: Any) -> dict[str, Any]:
    """Return a service."""
    terms: dict[str, Any] = {
        "first_grade": None,
        "last_grade": None,
        "insurance": [],
        "zips": [],
        "interpreter": None,
        "cost": None,
        "hours": [],
        "campuses": [],
    }
    listing: dict[str, Any] = {
        **dict.fromkeys(("alternate_name", "url", "email", "interpretation_services")),
        **dict.fromkeys(("application_process", "fees_description", "wait_time")),
        **dict.fromkeys(("eligibility_description", "alert")),
        **{name: [] for name in ("areas", "papers", "terms", "schedules", "special_days")},
    }
    return {
        "id": id,
        "version": 1,
        "agency": agency,
        "name": name,
        "category": "dental",
        "also": [],
        "description": None,
        "sites": ["site-01"],
        "languages": ["es", "en"],
        "minimum_age": None,
        "maximum_age": None,
        "locations": [],
        "retired": False,
        "confirmed": None,
        "entry_old": True,
        "source": None,
        "source_id": None,
        **changes,
        "terms": terms | changes.get("terms", {}),
        "listing": listing | changes.get("listing", {}),
    }


def no_hours() -> dict[str, None]:
    """Return a day without hours."""
    return {"opens_at": None, "closes_at": None}


def sample_services() -> list[dict[str, Any]]:
    """Return three services; of the first everything is known."""
    hours = [{"day": day, "opens_at": "08:30", "closes_at": "17:00"} for day in ("WE", "MO", "TU")]
    clinic = service(
        CLINIC,
        "Children's dental clinic",
        DENTAL,
        description="Check-ups, fillings and pain.\nNo judgement.",
        also=["medical"],
        minimum_age=2.0,
        maximum_age=18.0,
        source="san-mateo",
        terms={
            "insurance": ["medi-cal", "none", "kaiser"],
            "zips": ["94601", "94606"],
            "interpreter": True,
            "cost": "sliding-scale",
            "hours": hours,
        },
        listing={
            "fees_description": "Free with Medi-Cal, otherwise 20 dollars",
            "papers": [{"id": "p1", "document": "Proof of address", "uri": None}],
            "application_process": "Call first",
            "special_days": [
                {"id": "d1", "first": "--12-25", "last": "--12-25", "closed": True, **no_hours()},
                {"id": "d2", "first": "2027-03-29", "last": "2027-04-02", "closed": True}
                | {"opens_at": "09:00", "closes_at": "12:00", "closed": False},
            ],
        },
        locations=[
            {
                "name": "Main office",
                "lines": ["12 Alder Street"],
                "city": "Oakland",
                "state": "CA",
                "postal_code": "94601",
                "latitude": None,
                "longitude": None,
                "phones": [],
                "source_id": None,
                "transportation": "Bus 12 stops at the door",
                "accessibility": ["wheelchair", "ramp"],
            }
        ],
    )
    bus = service(BUS, "Tooth bus", DENTAL, languages=["en"])
    talk = service(FAMILY, "Family counselling", COUNSEL, category="mental-health", sites=[])
    return [clinic, bus, talk]


def capacity(id: str, agency: str, **changes: Any) -> dict[str, Any]:
    """Return what was told of a service's seats."""
    return {
        "service": id,
        "agency": agency,
        "site": "site-01",
        "unit": "seats",
        "period": None,
        "renews_at": None,
        "notes": None,
        "status": "capacity",
        "maximum": 5,
        "available": 2,
        "held": 1,
        "used": 2,
        "waitlisted": 0,
        "as_of": ago(hours=1),
        "stale": False,
        "wait": {
            "days": 21,
            "promotions": 14,
            "said": reason("wait", "unas 3 semanas", "about 3 weeks, from 14 promotions"),
        },
        "version": 4,
        **changes,
    }


def sample_capacities() -> list[dict[str, Any]]:
    """Return seats that are free, and some that were told long ago."""
    old = {"as_of": ago(days=41), "stale": True, "available": 0, "status": "no-capacity"}
    return [capacity(CLINIC, DENTAL, waitlisted=3), capacity(BUS, DENTAL, **old, version=2)]


def agency_view(id: str) -> dict[str, Any]:
    """Return an agency with its people."""
    person = {
        "id": referral_id(25),
        "name": "Dana Frost",
        "reads": "en",
        "phone": "+15105550177",
        "email": "dana@example.org",
        "preferred": "sms",
    }
    return {
        "id": id,
        "version": 3,
        "name": AGENCIES[id],
        "retired": False,
        "reachable": True,
        "source": None,
        "description": "Dentists for children since 1998.",
        "website": "https://riverbend.example.org",
        "confirmed": {"at": ago(days=40), "by": "agency"},
        "contacts": [person],
        "unconfirmed": [],
    }


def agreement(id: str, **changes: Any) -> dict[str, Any]:
    """Return an agreement."""
    return {
        "id": id,
        "version": 2,
        "agency": DENTAL,
        "status": "active",
        "sites": ["site-01"],
        "services": [],
        "from": "2026-08-01",
        "until": "2027-06-30",
        "needs": [],
        "eligibility": whom(),
        "pre_assessment": None,
        "post_assessment": None,
        "requires": ["insurance"],
        "papers": [{"kind": "insurance", "until": "2027-05-01"}],
        "approvers": [],
        "approvals": [],
        "metrics": [],
        "milestones": [],
        "waitlist": None,
        "renews": None,
        "ended_because": None,
        "documents": [],
        "live": True,
        "lacking": [],
        "deadlines": [],
        "unapproved": [],
        **changes,
    }


def whom(**changes: Any) -> dict[str, Any]:
    """Return whom an agreement is for: everybody."""
    ends = ("minimum_age", "maximum_age", "first_grade", "last_grade")
    return {**dict.fromkeys(ends), "insurance": [], "zips": [], **changes}


def deadline(name: str, on: str, left: int, kind: str = "paper") -> dict[str, Any]:
    """Return something of the dental agreement that runs out."""
    return {
        "agreement": LIVE,
        "agency": DENTAL,
        "agency_name": AGENCIES[DENTAL],
        "sites": ["site-01"],
        "kind": kind,
        "name": name,
        "on": on,
        "left": left,
        "step": 0 if left < 0 else 60,
    }


def share(target: int = 80) -> dict[str, Any]:
    """Return a measure of answers."""
    return {"kind": "accepted-within", "target": target, "days": 2, "by": None}


def served() -> dict[str, Any]:
    """Return a measure of students."""
    return {"kind": "served-by", "target": 40, "days": None, "by": "2027-03-31"}


def milestone(
    name: str, by: str, *, reached: bool = False, overdue: bool = False
) -> dict[str, Any]:
    """Return a milestone; one that is reached as Dana said twelve days ago."""
    said = {"by": "dana", "name": "Dana Rivers", "at": ago(days=12)} if reached else None
    return {"name": name, "by": by, "reached": said, "overdue": overdue}


def sample_agreements() -> list[dict[str, Any]]:
    """Return one agreement for most of what a list can show."""
    stored = {"id": DOCUMENT, "type": "application/pdf", "size": 9, "stored_by": "rosa"}
    return [
        agreement(
            LIVE,
            metrics=[share(), served()],
            services=[CLINIC, BUS],
            needs=["dental", "vision"],
            pre_assessment="Oral health screening",
            milestones=[
                milestone("Rooms are ready", "2026-09-01", reached=True),
                milestone("First clinic day", "2026-11-02", overdue=True),
                milestone("Half-year review", "2027-02-01"),
            ],
            papers=[{"kind": "insurance", "until": "2027-01-10"}],
            documents=[{**stored, "stored_at": ago(days=20)}],
        ),
        agreement(
            STOPPED,
            agency=COUNSEL,
            requires=["insurance", "background-checks"],
            lacking=["background-checks"],
            live=False,
        ),
        agreement(
            REVIEW,
            status="in-review",
            approvers=["coordinator", "agency"],
            approvals=[{"role": "agency", "by": "dana", "name": "Dana Rivers", "at": ago(days=2)}],
            unapproved=["coordinator"],
            live=False,
            renews=LIVE,
            **{"from": "2027-07-01", "until": "2028-06-30"},
        ),
        agreement(DRAFT, agency=COUNSEL, status="draft", live=False, requires=[], papers=[]),
        agreement(ENDED, status="ended", ended_because="They moved away.", live=False),
    ]


def sample_waitlist() -> dict[str, Any]:
    """Return three who wait: one known, one whom the reader may not see."""
    urgent = reason("urgency", "Urgente", "Urgent")
    longest = reason("waiting", "Espera desde hace 9 días", "Has waited 9 days")
    rows = [(referral_id(1), [urgent, longest]), (None, [longest]), (referral_id(3), [longest])]
    return {
        "service": CLINIC,
        "site": "site-01",
        "policy": "urgency",
        "chosen_by": "district",
        "total": 3,
        "rows": [
            {
                "place": n,
                "offer": referral_id(90 + n),
                "referral": id,
                "since": ago(days=9),
                "reasons": said,
            }
            for n, (id, said) in enumerate(rows, 1)
        ],
        "wait": capacity(CLINIC, DENTAL)["wait"],
        "version": 4,
    }


def sample_performance() -> dict[str, Any]:
    """Return how an agency did in two years; small numbers are withheld."""
    few = {"percent": None, "of": None}
    total = {
        "asked": 34,
        "reply_hours": 5.4,
        "acceptance": {"percent": 80, "of": 30},
        "completed": {"percent": 70, "of": 20},
        "family_verified": {"percent": 60, "of": 20},
        "no_show": few,
    }
    before = {**total, "asked": 12, "reply_hours": 60.0, "completed": few, "family_verified": few}
    spans = {"now": ("2025-11-01", "2026-11-01"), "before": ("2024-11-01", "2025-11-01")}
    told = {"now": total, "before": before}
    year = {"families_since": "2025-07-01", "families_until": "2026-07-01"}
    return {
        "agency": DENTAL,
        "agency_name": AGENCIES[DENTAL],
        **{
            name: {"since": since, "until": until, "total": told[name], "services": [], **year}
            for name, (since, until) in spans.items()
        },
    }


def sample_measures() -> list[dict[str, Any]]:
    """Return how the measures stand: one well, one not."""
    return [
        {"metric": share(), "standing": "on-track", "value": 83, "of": 12, "projected": None},
        {"metric": served(), "standing": "at-risk", "value": 9, "of": 9, "projected": 31},
    ]


def sample_differences() -> dict[str, list[dict[str, Any]]]:
    """Return a service's name and cost, and a person, that both sides have changed."""
    person = {"name": "Dana Frost", "phone": "+15105550177", "reads": "en", "zone": "UTC"}
    hidden = {"source_id": "x"}
    before = [{"city": "Oakland", "lines": ["1 Old Street"], **hidden}]
    ours = [{"city": "Oakland", "lines": ["12 Alder Street"], **hidden}]
    theirs = [{"city": "Alameda", "lines": ["1 Old Street"], **hidden}]
    return {
        "services": [
            {
                "id": CLINIC,
                "version": 7,
                "name": "Children's dental clinic",
                "source": "san-mateo",
                "differences": [
                    {"field": "terms.cost", "before": None, "ours": "free", "theirs": "fee"},
                    {"field": "locations", "before": before, "ours": ours, "theirs": theirs},
                ],
            }
        ],
        "agencies": [
            {
                "id": DENTAL,
                "version": 3,
                "name": AGENCIES[DENTAL],
                "source": "san-mateo",
                "differences": [
                    {
                        "field": f"contacts.{referral_id(25)}",
                        "before": None,
                        "ours": person,
                        "theirs": {**person, "phone": "+15105550199"},
                    }
                ],
            }
        ],
    }


KIND = "5d41402abc4b"
PROBLEMS = [
    {
        "file": "services.csv",
        "line": line,
        "field": "minimum_age",
        "value_shown": "soon",
        "what": "This is not a number.",
        "what_es": "Esto no es un número.",
        "what_to_do": "Write a number from 0 to 130.",
        "what_to_do_es": "Escriba un número de 0 a 130.",
        "severity": "value-ignored",
    }
    for line in range(2, 122)
]


def sample_imports() -> list[dict[str, Any]]:
    """Return an import with more problems than a page holds."""
    counts = {"added": 3, "changed": 0, "same": 40, "gone": 0, "kept": 0}
    report = {
        "run": LIVE,
        "source": "county",
        "dry_run": False,
        "agencies": {**counts, "same": 0},
        "services": counts,
        "differing": 2,
        "problem_count": len(PROBLEMS),
        "problem_kinds": [
            {
                **{name: PROBLEMS[0][name] for name in ("severity", "what", "what_to_do")},
                **{name: PROBLEMS[0][name] for name in ("what_es", "what_to_do_es")},
                "code": KIND,
                "count": len(PROBLEMS),
            }
        ],
        "uncategorized_count": 12,
        "unmapped_count": 0,
    }
    return [{"id": LIVE, "by": "admin", "at": ago(hours=2), "report": report}]


def import_summary(known: dict[str, Any]) -> dict[str, Any]:
    """Return an import as a list has it."""
    said = ("source", "dry_run", "problem_count")
    report = {name: known["report"][name] for name in said}
    return {**{name: known[name] for name in ("id", "by", "at")}, **report}
