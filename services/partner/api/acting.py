"""Who may act for an agency: the district's administrator, its own staff, and its schools'.

A coordinator keeps the entries and the people of the agencies that work with a school of hers; of
one that no school has an agreement with, any coordinator does: somebody must enter it first. Keys,
endpoints and what is played in the sandbox are never hers: they read what other schools offer.
"""

from services.chassis.auth import Principal, Role
from services.chassis.errors import EnlaceError, Kind, unknown
from services.partner.api.context import Context
from services.partner.model.agency import Agency
from services.partner.model.agreement import LIVE
from services.partner.store import agreements_of


async def need_entry(context: Context, caller: Principal, agency: str) -> None:
    """Pass who may change an agency's entry and its people.

    Raises:
        EnlaceError: it is another agency's own, or works with other schools alone.
    """
    if caller.has(Role.ADMIN) or caller.holds(Role.AGENCY_ADMIN, agency):
        return
    if not caller.has(Role.COORDINATOR):
        raise unknown("agency")
    now = context.clock.now()
    signed = (await agreements_of(context.store, [agency])).get(agency, ())
    schools = {
        site for each in signed if each.status_on(each.today(now)) in LIVE for site in each.sites
    }
    if schools and not any(caller.holds(Role.COORDINATOR, site) for site in schools):
        raise EnlaceError(
            "not-your-agency",
            Kind.FORBIDDEN,
            "This agency works with other schools and not with yours. Nothing was changed: ask the "
            "coordinator of one of them, the agency itself, or your district's administrator.",
            es="Esta agencia trabaja con otras escuelas y no con la suya. No se cambió nada: pida "
            "el cambio a la coordinación de una de ellas, a la agencia misma o a la administración "
            "de su distrito.",
        )


def need_own_people(caller: Principal, known: Agency | None, fresh: Agency) -> None:
    """Let an agency's own staff change its people and its words, and nothing else.

    Raises:
        EnlaceError: there is no such agency yet, or its name or its place in the network would
            change.
    """
    if caller.has(Role.COORDINATOR, Role.ADMIN):
        return
    if known is None:
        raise unknown("agency")
    if (known.name, known.retired) != (fresh.name, fresh.retired):
        raise EnlaceError(
            "entry-of-district",
            Kind.FORBIDDEN,
            "An agency's name, and whether it takes part, are the district's to change. Nothing "
            "was changed: send them as they stand, or ask the district's administrator.",
            es="El nombre de una agencia, y si participa, los cambia el distrito. No se cambió "
            "nada: envíelos como están, o consulte a la administración del distrito.",
        )
