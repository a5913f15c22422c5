"""The programmes of a referred child, opened for the counts while the child's key is there."""

from collections.abc import Sequence

from pydantic import ValidationError

from contracts.event import Event
from contracts.referral_marks import Marks, ReferralMarked
from services.chassis.privacy import Vault
from services.reporting.model.facts import OpenedMarks


class MarkOpener:
    """Opens the marks of referrals.

    Args:
        vault: of the people's keys, which this service may read.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def __call__(self, events: Sequence[Event]) -> Sequence[Event]:
        """Return the events; of marks, one that says which they are.

        Raises:
            PyMongoError: the vault is away; try again.
        """
        sealed = [each.marks for each in events if isinstance(each, ReferralMarked)]
        if not sealed:
            return events
        texts = iter(await self._vault.open_many(sealed))
        return [
            _opened(each, next(texts)) if isinstance(each, ReferralMarked) else each
            for each in events
        ]


def _opened(event: ReferralMarked, text: str | None) -> OpenedMarks:
    """Return the event with its marks; None of them where the key is gone or they are none."""
    programmes: tuple[str, ...] | None = None
    if text is not None:
        try:
            programmes = Marks.model_validate_json(text).programmes
        except ValidationError:
            programmes = None
    return OpenedMarks(**event.model_dump(), programmes=programmes)
