"""The words that are in force: the district's where it has its own, else those of Enlace."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from services.chassis.errors import EnlaceError, Kind
from services.chassis.http.commands import check_version
from services.chassis.store import Change, Found, Ref, Store
from services.notify.model.wording import DistrictWording, PastWording, Worded
from services.notify.wording.check import Finding, check, readable
from services.notify.wording.source import Part, Source, shipped

log = structlog.get_logger()


def worded(source: Source, parts: Sequence[Worded]) -> Source:
    """Return a message in another wording."""
    return source.having(
        {(each.channel, each.language): Part(each.body, each.subject) for each in parts}
    )


async def in_force(store: Store, name: str) -> Source:
    """Return the words of a message as they are now.

    A district's words that a later release cannot fill are left aside: the message goes out in the
    words that came with it.
    """
    source = shipped()[name]
    own = await store.get(DistrictWording, name)
    if own is None or not own.parts:
        return source
    theirs = worded(source, own.parts)
    if not readable(theirs):
        log.error("wording.unusable", template=name, next="word it anew: the shipped words go out")
        return source
    return theirs


async def put_in_force(
    store: Store, name: str, parts: Sequence[Worded], *, seen: int, by: str, now: datetime
) -> DistrictWording:
    """Let a district's words be in force from the next message on; none: those of Enlace.

    Raises:
        EnlaceError: they are not as words must be (422), or somebody else changed them (412).
    """
    need_good(await asyncio.to_thread(check, worded(shipped()[name], parts)))
    ref = Ref(DistrictWording, name)
    past = Ref(PastWording, f"{name}:{seen + 1}")

    def put(found: Found) -> Change[DistrictWording]:
        known = found.get(ref)
        check_version(seen, known.version if known else 0)
        fresh = known or DistrictWording(id=name, parts=(), by=by, at=now)
        after = fresh.having(parts=tuple(parts), by=by, at=now)
        kept = PastWording(
            id=past.id, template=name, number=seen + 1, parts=tuple(parts), by=by, at=now
        )
        return Change(after, [after, kept])

    return await store.update([ref, past], put)


def need_good(findings: Sequence[Finding]) -> None:
    """Pass words in which there is nothing to mend.

    Raises:
        EnlaceError: there is; every place is named.
    """
    if not findings:
        return
    places = "; ".join(f"{each.where}: {each.says}" for each in findings)
    lugares = "; ".join(f"{each.where}: {each.says_es}" for each in findings)
    raise EnlaceError(
        "wording-not-good",
        Kind.MALFORMED,
        f"These words cannot be used yet. Nothing was changed. {places}.",
        es=f"Estas palabras todavía no se pueden usar. No se cambió nada. {lugares}.",
    )
