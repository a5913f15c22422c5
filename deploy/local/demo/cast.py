"""Who takes part in a demonstration: a family with a child, and the agencies that are asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Child:
    """A child with the person who is told.

    Attributes:
        coordinator: the persona who leads.
        contact: id of the person who is told.
        phone: theirs, E.164.
    """

    id: str
    name: str
    family: str
    site: str
    coordinator: str
    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A service that is asked, with where its agency is written to.

    Attributes:
        address: a telephone number or a mail address.
    """

    service: str
    service_name: str
    agency: str
    agency_name: str
    address: str
    category: str
