"""Settling what a directory and staff have both changed: one of the two stands. Pure."""

from typing import Literal

from services.chassis.errors import unknown
from services.partner.model.agency import PERSON, Agency
from services.partner.model.service import Service, nested
from services.partner.model.threeway import Difference, still

Keep = Literal["ours", "source"]


def open_of(known: Agency | Service) -> tuple[Difference, ...]:
    """Return the differences that there are still."""
    return still(known.differences, known.fields())


def settle_service(service: Service, field: str, keep: Keep) -> Service:
    """Let what stands stay, or take what the source says.

    Raises:
        EnlaceError: nothing waits to be settled in this field.
    """
    chosen = _difference(service, field)
    left = tuple(each for each in open_of(service) if each.field != field)
    if keep == "ours":
        return service.having(differences=left)
    fields = nested({**service.fields(), field: chosen.source})
    return service.having(**fields, differences=left, fingerprint="")


def settle_agency(agency: Agency, field: str, keep: Keep) -> Agency:
    """Do the same for an agency; a person is taken or dropped whole.

    Raises:
        EnlaceError: nothing waits to be settled in this field.
    """
    chosen = _difference(agency, field)
    left = tuple(each for each in open_of(agency) if each.field != field)
    id = field.removeprefix(PERSON)
    offered = next((each for each in agency.offered if each.id == id), None)
    rest = tuple(each for each in agency.offered if each.id != id)
    if keep == "ours":
        return agency.having(differences=left, offered=rest)
    if not field.startswith(PERSON):
        changed = {field: chosen.source}
        return agency.having(**changed, differences=left, fingerprint="")
    others = [each for each in agency.contacts if each.id != id]
    places = [each.id for each in agency.contacts]
    if offered is not None:
        others.insert(places.index(id) if id in places else len(others), offered)
    return agency.having(contacts=tuple(others), differences=left, offered=rest, fingerprint="")


def _difference(known: Agency | Service, field: str) -> Difference:
    found = next((each for each in open_of(known) if each.field == field), None)
    if found is None:
        raise unknown("difference")
    return found
