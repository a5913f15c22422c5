"""Who may see which school's numbers, and in which form."""

from dataclasses import dataclass

from services.chassis.auth import Principal, Role
from services.chassis.errors import forbidden, unknown

EXACT = (Role.COORDINATOR,)
"""Who works with the children of a school sees its numbers as they are (the administrator too)."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one answer may count.

    Attributes:
        sites: the schools; `*` for all.
        exact: as they are; otherwise only from the published tables.
    """

    sites: frozenset[str]
    exact: bool

    def covers(self, site: str) -> bool:
        """Tell whether a school is counted."""
        return "*" in self.sites or site in self.sites


def reach_of(caller: Principal, site: str | None) -> Reach:
    """Return what the caller may count: one school, or all of theirs.

    Raises:
        EnlaceError: not their school; or published numbers of several schools that are not all:
            choose one.
    """
    exact = caller.sites(*EXACT)
    seen = caller.sites(*EXACT, Role.LEADERSHIP)
    if site is not None:
        if not {site, "*"} & seen:
            raise unknown("school")
        return Reach(frozenset({site}), bool({site, "*"} & exact))
    if exact and ("*" in exact or exact == seen):
        return Reach(exact, exact=True)
    published = caller.sites(Role.LEADERSHIP)
    if "*" in published or len(published) == 1:
        return Reach(published, exact=False)
    # Sums over a choice of schools could be subtracted from each other.
    raise forbidden(
        "Choose one of your schools: add site=… to the address.",
        es="Elija una de sus escuelas: agregue site=… a la dirección.",
    )
