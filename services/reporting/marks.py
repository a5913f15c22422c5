"""The programmes of a referred child, opened for the counts while the child's key is there."""

from collections.abc import Sequence

from pydantic import ValidationError

from contracts.event import Event
from contracts.referrals import Marks, ReferralCreated
from services.chassis.privacy import Vault
from services.reporting.model.facts import MarkedReferral


class MarkOpener:
    """Opens `marks` of new referrals.

    Args:
        vault: of the people's keys, which this service may read.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def __call__(self, events: Sequence[Event]) -> Sequence[Event]:
        """Return the events; of a referral with marks, one that says which.

        Raises:
            PyMongoError: the vault is away; try again.
        """
        sealed = [each.marks for each in events if isinstance(each, ReferralCreated) and each.marks]
        if not sealed:
            return events
        texts = iter(await self._vault.open_many(sealed))
        return [
            _marked(each, next(texts)) if isinstance(each, ReferralCreated) and each.marks else each
            for each in events
        ]


def _marked(event: ReferralCreated, text: str | None) -> MarkedReferral:
    """Return the event with its marks; None of them where the key is gone or they are none."""
    programmes: tuple[str, ...] | None = None
    if text is not None:
        try:
            programmes = Marks.model_validate_json(text).programmes
        except ValidationError:
            programmes = None
    return MarkedReferral(**event.model_dump(), programmes=programmes)
