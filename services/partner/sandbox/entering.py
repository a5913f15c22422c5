"""An agency's twin in the sandbox: its services by their own ids, an invented person, seats."""

from typing import Any

from contracts.agencies import ContactProfile
from contracts.codes import AgreementStatus, Channel, Language
from services.chassis.errors import unknown
from services.chassis.ids import new_id
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.partner.api.context import Context
from services.partner.handlers import capacities
from services.partner.model.agency import Agency, Contact
from services.partner.model.agreement import Agreement
from services.partner.model.capacity import Capacity, capacity_id
from services.partner.model.service import Service

SCHOOL = "invented-school"
"""The school that asks; no school of the district has such an id."""

SEATS = 5
"""Free at each service in the beginning: few enough that a full one can be tried."""

_CHANNELS = (Channel.EMAIL,)
_NOBODY = ContactProfile(name="Invented Person", reads=Language.ENGLISH, email="nobody@example.org")


async def enter(real: Store, sandbox: Context, agency: str) -> None:
    """Enter an agency in the sandbox, or bring its services there up to date.

    Raises:
        EnlaceError: there is no such agency.
    """
    known = await real.get(Agency, agency)
    if known is None or known.retired:
        raise unknown("agency")
    services = [each async for each in real.find(Service, {"agency": agency, "retired": False})]
    entered = await sandbox.store.get(Agency, agency)
    contacts = entered.contacts if entered else (await _invented(sandbox),)
    day = sandbox.clock.now().date()
    refs: list[Ref[Any]] = [Ref(Agency, agency), Ref(Agreement, agency)]
    refs += [Ref(Service, each.id) for each in services]

    def write(found: Found) -> Change[None]:
        save: list[Aggregate] = []
        if found.get(Ref(Agency, agency)) is None:
            save.append(Agency(id=agency, name=known.name, contacts=contacts))
        if found.get(Ref(Agreement, agency)) is None:
            save.append(
                Agreement(
                    id=agency,
                    agency=agency,
                    status=AgreementStatus.ACTIVE,
                    sites=(SCHOOL,),
                    starts=day,
                    zone=sandbox.settings.zone,
                )
            )
        for each in services:
            there = found.get(Ref(Service, each.id))
            version = there.version if there is not None else 0
            save.append(each.having(version=version, sites=(), differences=()))
        return Change(None, save)

    await sandbox.store.update(refs, write)
    for each in services:
        await _seat(sandbox, each)


async def _invented(sandbox: Context) -> Contact:
    """Return a person whom nothing is ever sent to: the sandbox tells no service of messages."""
    id = new_id()
    sealed = await sandbox.seal_for(id, _NOBODY)
    return Contact(id=id, reads=_NOBODY.reads, channels=_CHANNELS, profile=sealed)


async def _seat(sandbox: Context, service: Service) -> None:
    """Give a service its seats, where it has none yet."""
    if await sandbox.store.get(Capacity, capacity_id(service.id, SCHOOL)) is not None:
        return
    figure = capacities.Figure(available=SEATS, maximum=SEATS, fingerprint="sandbox")
    needs = await sandbox.district.needs()
    await capacities.report(
        sandbox.store, service, SCHOOL, figure, sandbox.moments.now(), needs=needs
    )
