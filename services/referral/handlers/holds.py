"""What keeps a household's records: holds, looked up through its merges, and matters still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.chassis.errors import EnlaceError, rule
from services.chassis.store import Store
from services.referral.handlers.desk import Desk
from services.referral.handlers.household import all_in
from services.referral.model.erasure import BlockedBy, Hold, HoldReason, blocks
from services.referral.model.follow_up import local_date
from services.referral.model.merge import FamilyMerge
from services.referral.model.people import Family, Student
from services.referral.model.protection import ProtectionReport
from services.referral.model.referral import Referral

_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

_SAYS = {
    BlockedBy.LEGAL_HOLD: "a legal hold stands on its records ({reasons}): see GET /v1/holds, and "
    "lift it once it has ended",
    BlockedBy.OPEN_CRISIS: "a referral in a crisis is open: close it with the family first",
    BlockedBy.OPEN_PROTECTION_MATTER: "a matter that only named staff may see is open: ask the "
    "school's coordinator",
}
_SAYS_ES = {
    BlockedBy.LEGAL_HOLD: "hay una retención legal sobre sus expedientes ({reasons}): vea GET "
    "/v1/holds, y levántela cuando haya terminado",
    BlockedBy.OPEN_CRISIS: "hay una derivación abierta por una crisis: ciérrela primero con la "
    "familia",
    BlockedBy.OPEN_PROTECTION_MATTER: "hay un asunto abierto que solo puede ver cierto personal: "
    "consulte a la coordinación de la escuela",
}
_REASONS = {
    HoldReason.LITIGATION: ("litigation", "un litigio"),
    HoldReason.RECORDS_REQUEST: ("a request for records", "una solicitud de expedientes"),
    HoldReason.INVESTIGATION: ("an investigation", "una investigación"),
    HoldReason.AUDIT: ("an audit", "una auditoría"),
}
_OTHER_REASON = ("another reason", "otro motivo")


@dataclass(frozen=True, slots=True)
class Standing:
    """What keeps a household's records today; nothing where they can be erased.

    Attributes:
        by: what it is.
        holds: the holds among it, newest first.
    """

    by: tuple[BlockedBy, ...]
    holds: tuple[Hold, ...]

    def refusal(self) -> EnlaceError:
        """Return the refusal of an erasure, with each reason and what to do about it."""
        english, spanish = (
            "; ".join(
                says[each].format(reasons=", ".join(dict.fromkeys(reasons))) for each in self.by
            )
            for says, reasons in ((_SAYS, self._reasons(0)), (_SAYS_ES, self._reasons(1)))
        )
        return rule(
            "erasure-held",
            f"Nothing was erased, and nothing may be yet: {english}.",
            es=f"No se borró nada, y todavía no se puede: {spanish}.",
        )

    def _reasons(self, language: int) -> list[str]:
        return [_REASONS.get(each.reason, _OTHER_REASON)[language] for each in self.holds]


async def create_indexes(store: Store) -> None:
    """Make what the queries below need."""
    await store.collection(Hold).create_index([("family", 1)])
    await store.collection(FamilyMerge).create_index("absorbed")


async def standing(desk: Desk, family: Family, site_zone: str) -> Standing:
    """Return what keeps a household's erasure back today."""
    today = local_date(desk.clock.now(), site_zone)
    holds = [each for each in await holds_over(desk.store, family) if each.holds(today)]
    students = [each.id async for each in desk.store.find(Student, {"family": family.id})]
    of_children: dict[str, Any] = {"student": {"$in": students}}
    needs = [each async for each in desk.store.find(Referral, of_children)]
    reports = [each async for each in desk.store.find(ProtectionReport, of_children)]
    return Standing(blocks(holds, needs, reports, today), tuple(holds))


async def holds_over(store: Store, family: Family) -> Sequence[Hold]:
    """Return every hold over a household's records, past ones too, newest first.

    Nothing is written at a merge or its undoing: a hold stays with the household that it was set
    on, and is found from the one that keeps that household's records. What was set while two were
    one was meant for both, so that it goes on holding each of them once they are parted. What was
    set on a household holds its children also in the one into which a roster took them.
    """
    found: dict[str, Hold] = {}
    ids = await all_in(store, family)
    looking = [(id, *_EVER) for id in ids]
    async for child in store.find(Student, {"family": {"$in": list(ids)}}):
        looking += [(each.family, _EVER[0], each.until) for each in child.former]
    while looking:
        id, since, until = looking.pop()
        held = {"family": id, "set_at": {"$gte": since, "$lte": until}}
        found |= {each.id: each async for each in store.find(Hold, held)}
        parted = {"absorbed": id, "undone_at": {"$ne": None}}
        async for each in store.find(FamilyMerge, parted):
            together = (max(since, each.at), min(until, each.undone_at or until))
            if together[0] <= together[1]:
                looking.append((each.kept, *together))
    return sorted(found.values(), key=lambda each: each.id, reverse=True)
