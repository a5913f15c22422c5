"""The invented people who sign in to a local district, and the schools and agencies they serve.

Nobody here exists: names, schools and agencies are made up, addresses are under example.org.
"""

import re
from dataclasses import dataclass

SITES: dict[str, str] = {
    "site-01": "Lincoln Elementary",
    "site-02": "Manzanita Elementary",
    "site-03": "Cedar Hollow Elementary",
    "site-04": "Puente Verde Elementary",
    "site-05": "Harbor View Elementary",
    "site-06": "Las Palomas Elementary",
    "site-07": "Old Mill K-8",
    "site-08": "Juniper Park Middle",
    "site-09": "Alvarado Creek Middle",
    "site-10": "Northgate Middle",
    "site-11": "Sycamore High",
    "site-12": "Mesa Linda Continuation High",
}
"""The sample district's schools, name by site."""


def grades_of(name: str) -> tuple[str, str]:
    """Return a school's first and last grade, by its name."""
    if name.endswith("K-8"):
        return "KG", "8"
    if name.endswith("Middle"):
        return "6", "8"
    return ("9", "12") if name.endswith("High") else ("KG", "5")


AGENCIES: dict[str, str] = {
    "01930000-0000-7000-8000-000000000001": "Riverbend Family Dental",
    "01930000-0000-7000-8000-000000000002": "Puente Counseling Center",
}
"""The agencies whose staff have accounts, name by agency id."""

_DENTAL, _COUNSELING = AGENCIES


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who can sign in to a local district.

    Attributes:
        key: what commands call them, and the provider's `sub`.
        name: as colleagues see it.
        roles: what they may be, as `role` or `role:scope`.
    """

    key: str
    name: str
    roles: tuple[str, ...]

    @property
    def email(self) -> str:
        """An address that nobody has."""
        return re.sub(r"[^a-z]+", ".", self.name.lower()) + "@example.org"

    def claims(self) -> dict[str, object]:
        """Return what the provider says of them."""
        return {
            "sub": self.key,
            "name": self.name,
            "email": self.email,
            "enlace_roles": list(self.roles),
        }


_COORDINATORS = (
    "Rosa Medina",
    "Denise Okafor",
    "Huong Tran",
    "Miguel Arellano",
    "Patrice Lindqvist",
    "Samira Haddad",
    "Ernesto Villalobos",
    "Keisha Braddock",
    "Lupe Santillan",
    "Grace Ferreira",
    "Tomas Wexler",
    "Alma Quintero",
)

PERSONAS: tuple[Persona, ...] = (
    *(
        Persona(f"coordinator-{site[-2:]}", name, (f"coordinator:{site}",))
        for site, name in zip(SITES, _COORDINATORS, strict=True)
    ),
    Persona("nurse-01", "Beatriz Solano", ("care-team:site-01",)),
    Persona("counselor-01", "Andre Whitcomb", ("care-team:site-01",)),
    Persona("principal-01", "Margaret Oyelaran", ("leadership:site-01",)),
    Persona("leadership", "Victor Castellano", ("leadership:*",)),
    Persona("admin", "Ingrid Sorensen", ("admin",)),
    Persona("auditor", "Walter Nakagawa", ("auditor",)),
    Persona("operator", "Farah Siddiqui", ("operator",)),
    Persona("dental-desk", "Carmen Beltran", (f"agency:{_DENTAL}", f"agency-admin:{_DENTAL}")),
    Persona("dental-systems", "Priya Natarajan", (f"agency-admin:{_DENTAL}",)),
    Persona("counseling-desk", "Joel Abernathy", (f"agency:{_COUNSELING}",)),
    Persona("teacher-01", "Hana Lindqvist", ("staff:site-01",)),
)


class UnknownPersonaError(LookupError):
    """There is no persona of this name; the message lists those that there are."""


def persona(name: str) -> Persona:
    """Return a persona by key, full name or first name, in any case.

    Args:
        name: for instance `coordinator-01`, `Rosa Medina` or `rosa`.

    Raises:
        UnknownPersonaError: nobody is called so.
    """
    wanted = name.strip().lower()
    for each in PERSONAS:
        full = each.name.lower()
        if wanted in (each.key, full, full.replace(" ", "-"), full.split()[0]):
            return each
    known = ", ".join(f"{each.key} ({each.name})" for each in PERSONAS)
    raise UnknownPersonaError(f"There is no persona {name!r}. There are: {known}")
