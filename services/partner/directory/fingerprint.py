"""Fingerprints of content, so that a second import of a directory changes only what changed."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TypeVar

from pydantic import BaseModel

from services.partner.directory.model import (
    DirectoryPackage,
    Fingerprinted,
    Link,
    LinkKind,
    Service,
    TaxonomyTerm,
)

_T = TypeVar("_T", bound=Fingerprinted)
_Owner = tuple[LinkKind, str]


def fingerprinted(package: DirectoryPackage) -> DirectoryPackage:
    """Returns the package with every organization, location and service fingerprinted.

    A fingerprint is the SHA-256 of the record and of what hangs on it, sorted by id: the order of
    rows and files, and the format, do not matter. What a contact or phone hangs
    on besides does not matter either.
    """
    hanging = _hanging(package)
    taxonomy = {term.source_id: term for term in package.taxonomy_terms}
    return package.model_copy(
        update={
            "organizations": _marked(package.organizations, LinkKind.ORGANIZATION, hanging),
            "locations": _marked(package.locations, LinkKind.LOCATION, hanging),
            "services": _marked(package.services, LinkKind.SERVICE, hanging, taxonomy),
        }
    )


def _marked(
    records: Iterable[_T],
    kind: LinkKind,
    hanging: Mapping[_Owner, list[str]],
    taxonomy: Mapping[str, TaxonomyTerm] | None = None,
) -> tuple[_T, ...]:
    marked: list[_T] = []
    for record in records:
        parts = [_text(record), *sorted(hanging.get((kind, record.source_id), ()))]
        parts += _terms(record, taxonomy or {})
        print_ = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        marked.append(record.model_copy(update={"fingerprint": print_}))
    return tuple(marked)


def _terms(record: BaseModel, taxonomy: Mapping[str, TaxonomyTerm]) -> list[str]:
    used = record.taxonomy_term_source_ids if isinstance(record, Service) else ()
    return [_text(taxonomy[id_]) for id_ in used if id_ in taxonomy]


def _hanging(package: DirectoryPackage) -> dict[_Owner, list[str]]:
    """Canonical text of whatever hangs on a record, whether directly or by way of another."""
    hanging: dict[_Owner, list[str]] = {}
    # What can itself carry something comes after all that it can carry.
    parts: list[tuple[BaseModel, list[_Owner], _Owner | None]] = [
        *((found, _owners(found.links), None) for found in package.languages),
        *(
            (found, _owners(found.links), (LinkKind.PHONE, found.source_id))
            for found in package.phones
        ),
        *(
            (found, _owners(found.links), (LinkKind.CONTACT, found.source_id))
            for found in package.contacts
        ),
        *((found, _owners(found.links), None) for found in package.schedules),
        *((found, _owners(found.links), None) for found in package.holiday_schedules),
        *((found, _service(found.service_source_id), None) for found in package.service_areas),
        *((found, _service(found.service_source_id), None) for found in package.required_documents),
        *((found, _service(found.service_source_id), None) for found in package.cost_options),
        *(
            (found, [(LinkKind.ORGANIZATION, found.organization_source_id or "")], None)
            for found in package.programs
        ),
        *(
            (
                found,
                _service(found.service_source_id),
                (LinkKind.SERVICE_AT_LOCATION, found.source_id),
            )
            for found in package.services_at_locations
        ),
    ]
    for record, owners, itself in parts:
        carried = hanging.get(itself, []) if itself else []
        text = json.dumps([_text(record), *sorted(carried)])
        for owner in owners:
            hanging.setdefault(owner, []).append(text)
    return hanging


def _service(source_id: str) -> list[_Owner]:
    return [(LinkKind.SERVICE, source_id)]


def _owners(links: Iterable[Link]) -> list[_Owner]:
    return [(link.kind, link.source_id) for link in links]


def _text(record: BaseModel) -> str:
    said = record.model_dump(mode="json", exclude={"links", "fingerprint"}, exclude_none=True)
    return json.dumps(said, sort_keys=True, ensure_ascii=False)
