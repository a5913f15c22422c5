"""A directory in which every record says all that Enlace keeps, and the way there and back."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from contracts.agencies import ContactProfile
from contracts.sealed import Sealed
from services.partner.directory import read_directory
from services.partner.imports.plan import agency_after, service_after
from services.partner.imports.wanted import Wanted, wanted
from services.partner.model.agency import Agency, Contact
from services.partner.model.hsds.organizations import full_organization
from services.partner.model.hsds.services import full_service, service
from services.partner.model.hsds.taxonomy import all_terms
from services.partner.model.service import Service

Record = dict[str, Any]
ZONE = "America/Los_Angeles"

ORGANIZATIONS: list[Record] = [
    {"id": "o0", "name": "Bay Health", "description": "A network."},
    {
        "id": "o1",
        "name": "Marisol Clinic",
        "alternate_name": "La Marisol",
        "description": "Care for families.",
        "email": "desk@example.org",
        "website": "https://marisol.example.org",
        "parent_organization_id": "o0",
        "phones": [
            {
                "id": "p1",
                "number": "(510) 555-0101",
                "extension": "12",
                "type": "voice",
                "description": "Desk",
                "languages": [{"id": "pl", "code": "es", "note": "Mornings"}],
            },
            {"id": "p2", "number": "call the desk", "extension": "007"},
        ],
        "contacts": [
            {
                "id": "c0",
                "name": "Invented Director",
                "title": "Director",
                "department": "Front office",
                "email": "director@example.org",
            }
        ],
        "programs": [
            {"id": "g1", "name": "Smiles", "alternate_name": "Sonrisas", "description": "Teeth."},
            {"id": "g2", "name": "Eyes"},
        ],
    },
]
LOCATION: Record = {
    "id": "l1",
    "location_type": "physical",
    "name": "Clinic",
    "alternate_name": "The yellow house",
    "description": "Behind the school.",
    "transportation": "Bus 1",
    "url": "https://marisol.example.org/clinic",
    "latitude": 37.78,
    "longitude": -122.22,
    "organization_id": "o1",
    "addresses": [
        {
            "id": "a2",
            "address_1": "Box 7",
            "city": "Oakland",
            "state_province": "CA",
            "postal_code": "94601",
            "country": "US",
            "address_type": "postal",
        },
        {
            "id": "a1",
            "address_1": "12 Invented Way",
            "address_2": "Floor 2",
            "city": "Oakland",
            "region": "East Bay",
            "state_province": "CA",
            "postal_code": "94601",
            "country": "US",
            "address_type": "physical",
        },
    ],
    "accessibility": [{"id": "x1", "description": "Ramp", "details": "At the side."}],
    "phones": [
        {"id": "p3", "number": "510-555-0102", "type": "text", "description": "Texts"},
        {"id": "p4", "number": "510.555.0103"},
    ],
    "schedules": [
        {
            "id": "h1",
            "freq": "WEEKLY",
            "byday": "MO,TU",
            "opens_at": "08:00",
            "closes_at": "18:00",
            "description": "The house",
        }
    ],
}
SERVICE: Record = {
    "id": "s1",
    "organization_id": "o1",
    "program_id": "g1",
    "name": "Check-ups",
    "alternate_name": "Chequeos",
    "description": "Teeth are looked at.",
    "url": "https://marisol.example.org/check-ups",
    "email": "teeth@example.org",
    "status": "active",
    "interpretation_services": "Spanish, Mam",
    "application_process": "Call first.",
    "fees_description": "By income",
    "wait_time": "Two weeks",
    "eligibility_description": "Children",
    "minimum_age": 3,
    "maximum_age": 17,
    "alert": "Closed in June",
    "assured_date": "2026-09-01",
    "phones": [{"id": "p5", "number": "+1 510 555 0104", "type": "fax"}],
    "contacts": [
        {
            "id": "c1",
            "name": "Invented Hygienist",
            "title": "Hygienist",
            "email": "hygienist@example.org",
            "phones": [{"id": "p6", "number": "510 555 0105", "type": "cell"}],
        }
    ],
    "schedules": [
        {
            "id": "h2",
            "valid_from": "2026-08-01",
            "valid_to": "2027-06-30",
            "dtstart": "2026-08-03",
            "until": "2027-06-30",
            "freq": "WEEKLY",
            "interval": 1,
            "byday": "MO,WE",
            "opens_at": "09:00",
            "closes_at": "17:00",
            "description": "School days",
            "schedule_link": "https://marisol.example.org/hours",
            "attending_type": "In person",
            "notes": "Ring twice.",
        },
        {"id": "h3", "freq": "DAILY", "opens_at": "07:00", "closes_at": "08:00"},
        {"id": "h4", "freq": "MONTHLY", "bymonthday": "1,15", "opens_at": "10:00"},
        {"id": "h5", "freq": "YEARLY", "dtstart": "2026-12-24", "notes": "Closed"},
    ],
    "languages": [
        {"id": "n1", "code": "es", "name": "Spanish", "note": "All staff"},
        {"id": "n2", "code": "mam"},
        {"id": "n3", "name": "A language of the hills"},
    ],
    "service_areas": [
        {
            "id": "r1",
            "name": "East side",
            "description": "East of the tracks",
            "extent": "94601, 94606",
            "extent_type": "text",
        }
    ],
    "required_documents": [
        {"id": "d1", "document": "Proof of age", "uri": "https://marisol.example.org/age"}
    ],
    "cost_options": [
        {
            "id": "k1",
            "option": "Under 5",
            "currency": "USD",
            "amount": 0,
            "amount_description": "a visit",
            "valid_from": "2026-01-01",
            "valid_to": "2026-12-31",
        },
        {"id": "k2", "option": "Everybody else", "currency": "USD", "amount": 12.5},
    ],
    "service_at_locations": [
        {"id": "j1", "description": "Second door", "location": LOCATION},
    ],
    "attributes": [
        {
            "id": "b1",
            "taxonomy_term": {
                "id": "t2",
                "code": "106-02",
                "name": "Dental Care",
                "description": "Care of teeth",
                "parent_id": "t1",
                "taxonomy": "Open Eligibility",
            },
        }
    ],
}
TERMS: list[Record] = [
    {
        "id": "t1",
        "code": "106",
        "name": "Health",
        "description": "Staying well",
        "taxonomy": "Open Eligibility",
    }
]
WHOLE: dict[str, list[Record]] = {
    "organizations": ORGANIZATIONS,
    "services": [
        SERVICE,
        {"id": "s2", "organization_id": "o1", "name": "Glasses", "status": "temporarily closed"},
        {"id": "s3", "organization_id": "o0", "name": "A line to call", "status": "inactive"},
    ],
    "taxonomy_terms": TERMS,
}


def archived(files: Mapping[str, list[Record]]) -> bytes:
    """Return lists of records as a package of JSON."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, records in files.items():
            made.writestr(f"{name}.json", json.dumps(records))
    return content.getvalue()


def taken(files: Mapping[str, list[Record]], source: str) -> Wanted:
    """Return what a directory wants Enlace to hold."""
    return wanted(read_directory(io.BytesIO(archived(files))), source, ZONE)


def exported(asked: Wanted) -> dict[str, list[Record]]:
    """Return what the standard's API says of a directory that was taken in."""
    people: dict[str, ContactProfile] = {
        one.id: one.profile for each in asked.agencies for one in each.contacts
    }
    agencies: dict[str, Agency] = {}
    for each in asked.agencies:
        sealed = {
            one.id: Contact(
                id=one.id,
                reads=one.profile.reads,
                channels=one.channels,
                profile=Sealed.of(b"-"),
                mark=hashlib.sha256(one.profile.model_dump_json().encode()).hexdigest(),
            )
            for one in each.contacts
        }
        agencies[each.id] = agency_after(None, each, asked.source, "-", sealed)
    services = [service_after(None, each, asked.source, "-") for each in asked.services]
    return {
        "organizations": [
            full_organization(each, *_of(each, services), people) for each in agencies.values()
        ],
        "services": [
            full_service(each, agencies[each.agency], datetime.now(UTC), people)
            for each in services
        ],
        "taxonomy_terms": all_terms([one for each in services for one in each.listing.terms], []),
    }


def _of(agency: Agency, services: Iterable[Service]) -> tuple[list[Record], list[Service]]:
    own = [each for each in services if each.agency == agency.id]
    return [service(each, None, None) for each in own], own


def without_ids(said: Any) -> Any:
    """Return what records say, whatever their ids are and in whatever order they stand."""
    match said:
        case dict():
            return {
                name: without_ids(value)
                for name, value in sorted(said.items())
                if name not in {"last_modified", "id"} and not name.endswith("_id")
            }
        case list():
            return sorted((without_ids(each) for each in said), key=json.dumps)
        case _:
            return said
