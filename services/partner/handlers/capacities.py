"""Seats as agencies and staff tell them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contracts.codes import CapacityStatus, CapacityUnit
from services.chassis.errors import EnlaceError, rule, unknown
from services.chassis.http.commands import check_version
from services.chassis.needs import Needs
from services.chassis.store import Ref, Store
from services.partner.model.board import Board
from services.partner.model.capacity import Capacity, capacity_id
from services.partner.model.seats import Moment, chosen, promote
from services.partner.model.service import Service
from services.partner.model.waitlist import WaitlistPolicy
from services.partner.model.waitlist_policy import ChosenBy
from services.partner.store import decide


@dataclass(frozen=True, slots=True)
class Figure:
    """What somebody tells of a service's seats at a school.

    Attributes:
        notes: what they say of them in words; none takes away what was said.
        says_notes: whether they say anything of that; otherwise what is known stays.
        seen: the version that they saw; None for somebody who saw none.
        as_of: when it was told, by somebody who was shown no version: in a text.
        fingerprint: of the body with what was seen: the same report again changes nothing.
    """

    available: int
    fingerprint: str
    maximum: int | None = None
    unit: CapacityUnit | None = None
    status: CapacityStatus | None = None
    notes: str | None = None
    says_notes: bool = False
    seen: int | None = None
    as_of: datetime | None = None


async def report(
    store: Store, service: Service, site: str, figure: Figure, at: Moment, *, needs: Needs
) -> Capacity:
    """Take a figure, and give seats that it frees to those who wait.

    Topics carry the kind of need as the district's `needs` let them.

    Raises:
        EnlaceError: another report was made since, or the figures contradict each other.
    """
    id = capacity_id(service.id, site)
    return await decide(store, [Ref(Capacity, id)], _reporting(service, site, figure, at, needs))


def _reporting(
    service: Service, site: str, figure: Figure, at: Moment, needs: Needs
) -> Callable[[Board], Capacity]:
    id = capacity_id(service.id, site)
    category = needs.on_topics(service.category)

    def run(board: Board) -> Capacity:
        known = board.capacity(id)
        if known is not None and figure.fingerprint in {known.fingerprint, known.created}:
            return known
        if known is not None and figure.seen is None and figure.as_of is None:
            raise _unseen(known.version)
        before = known or Capacity(
            id=id,
            service=service.id,
            agency=service.agency,
            site=site,
            category=category,
            as_of=at.now,
        )
        if figure.as_of is not None:
            after = before.report_as_of(figure.as_of, available=figure.available)
        else:
            after = before.report(
                available=figure.available,
                maximum=figure.maximum,
                unit=figure.unit,
                status=figure.status,
                seen=figure.seen or 0,
                now=at.now,
            )
        after = after.in_period(at.zone, at.now)
        board.put(
            after.having(
                notes=figure.notes if figure.says_notes else before.notes,
                agency=service.agency,
                category=category,
                fingerprint=figure.fingerprint,
                created=before.created or figure.fingerprint,
            )
        )
        promote(board, id, at)
        settled = board.capacity(id) or after
        return settled.having(version=settled.version + 1)

    return run


def _unseen(version: int) -> EnlaceError:
    return rule(
        "seats-known",
        f"These seats are known already, as version {version}. Nothing was changed: look at them "
        "and send your figure with the version that you saw.",
        es=f"Estos cupos ya se conocen, en la versión {version}. No se cambió nada: "
        "mírelos y envíe su cifra con la versión que vio.",
    )


async def choose(
    store: Store, id: str, policy: WaitlistPolicy | None, at: Moment, *, seen: int
) -> Capacity:
    """Choose by which policy free seats go to those who wait; None leaves it to the district.

    Raises:
        EnlaceError: nobody ever told these seats, a live agreement decides, or they have changed
            since they were seen.
    """

    def run(board: Board) -> Capacity:
        known = board.capacity(id)
        if known is None:
            raise unknown("count of seats")
        if known.policy is policy:
            return known
        if chosen(board, known, at).by is ChosenBy.AGREEMENT:
            raise rule(
                "policy-agreed",
                "The agreement decides who goes first here. Nothing was changed: change it in the "
                "agreement, which is renewed or sent back for that.",
                es="El convenio decide quién va primero aquí. No se cambió nada: cámbielo en el "
                "convenio, que para eso se renueva o se devuelve.",
            )
        check_version(seen, known.version)
        after = known.having(policy=policy)
        board.put(after)
        return after.having(version=after.version + 1)

    return await decide(store, [Ref(Capacity, id)], run)
