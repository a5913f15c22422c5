"""A service's own database, and the one way to change it: a transaction that work can join."""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar

from pymongo import AsyncMongoClient, ReadPreference
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

R = TypeVar("R")
Document = dict[str, Any]
Collection = AsyncCollection[Document]

_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)

SNAPSHOT = ReadConcern("snapshot")
MAJORITY = WriteConcern("majority")


def connect(uri: str, *, app: str) -> AsyncMongoClient[Document]:
    """Return a client whose dates carry a zone."""
    return AsyncMongoClient(
        uri,
        appname=app,
        tz_aware=True,
        # No concern is set here: operations of a bound session would send it inside the
        # transaction, which the server refuses. `transact` sets majority; single writes get the
        # server's default, which is majority too since MongoDB 5.
        retryWrites=True,
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        # A hung server must become an error that the caller can wait out.
        socketTimeoutMS=60_000,
    )


class Database:
    """One service's database.

    Everything a change writes goes through `transact`, so that aggregates, the event log,
    watermarks and progress stand or fall together.
    """

    def __init__(self, client: AsyncMongoClient[Document], name: str) -> None:
        self.client = client
        self.name = name
        self._database = client.get_database(name)

    def __getitem__(self, collection: str) -> Collection:
        """Return a collection."""
        return self._database[collection]

    async def transact(self, work: Callable[[], Awaitable[R]]) -> R:
        """Run `work` in one transaction, or in the one that is already open.

        `work` may run several times: it must do nothing but database work and must let
        errors out. No key vault and no other client may be touched inside: operations are bound to
        this client's session.

        Raises:
            DuplicateKeyError: somebody else made the same document first.
        """
        if _in_transaction.get():
            return await work()

        async def bound(session: AsyncClientSession) -> R:
            mark = _in_transaction.set(True)
            try:
                async with session.bind(end_session=False):
                    return await work()
            finally:
                _in_transaction.reset(mark)

        async with self.client.start_session() as session:
            return await session.with_transaction(
                bound,
                read_concern=SNAPSHOT,
                write_concern=MAJORITY,
                read_preference=ReadPreference.PRIMARY,
            )

    async def ping(self) -> None:
        """Ask the server for a sign of life.

        Raises:
            PyMongoError: it does not answer.
        """
        await self._database.command("ping")


def is_passing(error: BaseException) -> bool:
    """Tell whether waiting can cure a database error: the server is away, slow or changing."""
    if isinstance(error, ConnectionFailure | NotPrimaryError | ExecutionTimeout | WTimeoutError):
        return True
    if isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError")
        or error.has_error_label("RetryableWriteError")
        or error.has_error_label("UnknownTransactionCommitResult")
    ):
        return True
    # 14031: no disk space for the operation; it may be freed.
    return isinstance(error, OperationFailure) and error.code in {14031, 91, 11600, 262}


def plain(value: Any) -> Any:
    """Turn a model's Python dump into what BSON holds: codes as text, dates as ISO text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return str(value)
    return value
