"""Operators' addresses, the same in every service: parked keys, the event log, republishing."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from fastapi import APIRouter, Depends
from pymongo.errors import DuplicateKeyError

from services.chassis.auth import Allow, Role
from services.chassis.consumer.applier import PassingError
from services.chassis.consumer.ledger import FencedError
from services.chassis.consumer.parked import Parked
from services.chassis.consumer.slices import Slices
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.events.log import EventLog
from services.chassis.http.commands import Body

T = TypeVar("T")


class ParkedKeyBody(Body):
    """Names a parked key."""

    group: str
    topic: str
    key: str


class ReadOn(Body):
    """Where a consumer group reads on in a partition."""

    group: str
    topic: str
    partition: int
    next: int


class Waiting(Body):
    """What waits in a service; with the ends of the topics it tells whether all is at rest.

    Attributes:
        pending: events that the relay has not published yet.
        due: things whose time has come and that nobody has looked at yet.
        reads: the topics of each consumer group.
        progress: where each consumer group reads on; a partition never read is not listed.
    """

    pending: int
    due: int
    reads: dict[str, tuple[str, ...]]
    progress: tuple[ReadOn, ...]


class Replayed(Body):
    """What a retry or discard came to."""

    applied: int
    still_parked: int
    cause: str | None


def operations_router(
    parked: dict[str, Parked],
    slices: dict[str, Slices],
    log: EventLog,
    due: Callable[[], Awaitable[int]],
    reads: Mapping[str, Sequence[str]],
) -> APIRouter:
    """Return the router; only operators may call it.

    `due` counts what the service's sweeps and workers have not looked at yet; `reads` has the
    topics of each consumer group.
    """
    router = APIRouter(
        prefix="/v1/operations", tags=["operations"], dependencies=[Depends(Allow(Role.OPERATOR))]
    )

    @router.get("/parked")
    async def list_parked() -> list[dict[str, Any]]:
        """List the keys that have stopped, with the cause of each."""
        found = [key for group in parked.values() for key in await group.keys()]
        return [asdict(key) for key in found]

    @router.post("/parked/show")
    async def show_parked(body: ParkedKeyBody) -> list[dict[str, Any]]:
        """List a key's waiting events; never what they hold."""
        return await _waiting_line(parked, body)

    @router.post("/parked/retry")
    async def retry_parked(body: ParkedKeyBody) -> Replayed:
        """Replay a key in order; what still cannot pass stays parked."""
        await _waiting_line(parked, body)
        with _others_at_it():
            planned = await _group(slices, body.group).retry(body.topic, body.key)
        cause = planned.park[0].cause if planned.park else None
        return Replayed(applied=len(planned.apply), still_parked=len(planned.park), cause=cause)

    @router.post("/parked/discard")
    async def discard_parked(body: ParkedKeyBody) -> Replayed:
        """Drop the first waiting event of a key (or the gap before it), then replay the rest."""
        with _others_at_it():
            planned = await _group(slices, body.group).discard(body.topic, body.key)
        if planned is None:
            raise unknown("parked key")
        cause = planned.park[0].cause if planned.park else None
        return Replayed(applied=len(planned.apply), still_parked=len(planned.park), cause=cause)

    @router.get("/event-log")
    async def event_log() -> dict[str, int]:
        """Tell how many events wait for the relay."""
        return {"pending": await log.pending_count()}

    @router.get("/waiting")
    async def waiting() -> Waiting:
        """Tell what waits here: for the relay, for a sweep, and in the topics."""
        progress = [
            ReadOn(group=name, **row)
            for name, group in list(slices.items())
            for row in await group.offsets()
        ]
        pending = await log.pending_count()
        return Waiting(
            pending=pending,
            due=await due(),
            reads={name: tuple(topics) for name, topics in reads.items()},
            progress=tuple(progress),
        )

    @router.post("/progress/reset")
    async def reset_progress() -> dict[str, int]:
        """Have every group read its topics from 0, for a Kafka that was lost; what is known drops.

        Before the topics are made anew and anything is published to them, in every service: a group
        that goes on at its old place would pass over what stands before it.
        """
        return {"partitions": sum([await group.read_anew() for group in list(slices.values())])}

    @router.post("/republish")
    async def republish() -> dict[str, int]:
        """Offer the whole archive to the relay again, for a Kafka that was lost."""
        return {"offered": await log.unpublish_all()}

    return router


def _group(groups: dict[str, T], name: str) -> T:
    found = groups.get(name)
    if found is None:
        raise unknown("consumer group")
    return found


async def _waiting_line(parked: dict[str, Parked], body: ParkedKeyBody) -> list[dict[str, Any]]:
    """Return a key's waiting events.

    Raises:
        EnlaceError: there are none.
    """
    found = await _group(parked, body.group).show(body.topic, body.key)
    if not found:
        raise unknown("parked key")
    return found


@contextlib.contextmanager
def _others_at_it() -> Iterator[None]:
    """Tell an operator to try again where a worker writes for the same key at this moment.

    Raises:
        EnlaceError: it does.
    """
    try:
        yield
    except (PassingError, FencedError, DuplicateKeyError):
        raise EnlaceError(
            "busy",
            Kind.UNAVAILABLE,
            "A worker writes for this key just now. Nothing was changed: try again in a moment.",
            es="Otro proceso está escribiendo sobre esta clave. No se cambió nada: intente de "
            "nuevo en un momento.",
        ) from None
