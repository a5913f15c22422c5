"""What a consumer does with the events of a slice: the port that reactions and projections fill."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from services.chassis.consumer.incoming import Incoming


class RefusedError(Exception):
    """A handler has refused one record for a reason that waiting cannot cure."""

    def __init__(self, offset: int, cause: str) -> None:
        super().__init__(cause)
        self.offset = offset
        self.cause = cause


class ContestedError(RefusedError):
    """A handler met a document that somebody else has just made: a fresh start will find it.

    Refused only when that goes on: then it is a rule of the database and no race.
    """


class PassingError(Exception):
    """Something that the handler needs is away for now; the slice is tried again."""


class Applier(Protocol):
    """Applies events inside the slice's transaction."""

    async def apply(self, records: Sequence[Incoming]) -> None:
        """Apply readable records of one partition, in order.

        Database work only: the transaction may run several times.

        Raises:
            RefusedError: this record will never pass; its key is parked and the rest tried again.
            PassingError: try again later.
        """
        ...


@runtime_checkable
class Opening(Protocol):
    """An applier that opens sealed values: before the transaction, for a vault is never in one."""

    async def opened(self, records: Sequence[Incoming]) -> Sequence[Incoming]:
        """Return the records with what this applier needs of them in clear.

        Raises:
            PyMongoError: the vault is away; try again.
        """
        ...
