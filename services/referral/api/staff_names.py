"""Names of staff by their accounts, as far as the register has them."""

from collections.abc import Iterable

from services.referral.api.context import Context
from services.referral.model.staff import StaffMember, StaffRecord


async def staff_names(context: Context, subjects: Iterable[str]) -> dict[str, str]:
    """Return names by account; an account that is in no entry is left out."""
    names: dict[str, str] = {}
    wanted = {"subject": {"$in": sorted(set(subjects))}}
    async for member in context.store.find(StaffMember, wanted):
        record = await context.vault.open_as_if(StaffRecord, member.record)
        if record is not None:
            names[member.subject] = record.name
    return names
