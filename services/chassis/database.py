"""A service's own database, and the one way to change it: a transaction that work can join."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from pymongo import AsyncMongoClient, ReadPreference
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    EncryptionError,
    OperationFailure,
    PyMongoError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

R = TypeVar("R")
Document = dict[str, Any]
Collection = AsyncCollection[Document]

_transaction_of: ContextVar[AsyncMongoClient[Document] | None] = ContextVar(
    "transaction_of", default=None
)

SNAPSHOT = ReadConcern("snapshot")
MAJORITY = WriteConcern("majority")

SILENCE_SECONDS = 60.0
"""How long a server may take over one answer."""


def connect(
    uri: str, *, app: str, silence_seconds: float = SILENCE_SECONDS, ca_file: Path | None = None
) -> AsyncMongoClient[Document]:
    """Return a client whose dates carry a zone.

    Args:
        uri: connection string.
        app: name in the server's log.
        silence_seconds: how long an answer may take.
        ca_file: who signed the server's certificate (PEM), where the system does not know them.
    """
    trusted: dict[str, Any] = {} if ca_file is None else {"tlsCAFile": str(ca_file)}
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
        socketTimeoutMS=int(silence_seconds * 1000),
        **trusted,
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
            RuntimeError: a transaction of another client is open, which this work cannot join.
        """
        open_one = _transaction_of.get()
        if open_one is self.client:
            return await work()
        if open_one is not None:
            raise RuntimeError("a transaction of another client is open: this work cannot join it")

        async def bound(session: AsyncClientSession) -> R:
            mark = _transaction_of.set(self.client)
            try:
                async with session.bind(end_session=False):
                    return await work()
            finally:
                _transaction_of.reset(mark)

        async with self.client.start_session() as session:
            return await session.with_transaction(
                bound,
                read_concern=SNAPSHOT,
                write_concern=MAJORITY,
                read_preference=ReadPreference.PRIMARY,
            )

    async def write_updates(self, collection: str, updates: Sequence[Document]) -> None:
        """Write many small updates in one command, in any order.

        `bulk_write` makes an object of each update first, which costs more than sending it.

        Args:
            collection: its name.
            updates: statements of the server's `update` command (`q`, `u`, `upsert`); together
                under 16 MB.

        Raises:
            BulkWriteError: the server refused one of them.
        """
        reply = await self._database.command(
            {"update": collection, "updates": list(updates), "ordered": False}
        )
        if reply.get("writeErrors"):
            raise BulkWriteError(dict(reply))

    async def ensure(self, *collections: str) -> None:
        """Make collections that are not there yet."""
        for name in collections:
            try:
                await self._database.create_collection(name, check_exists=False)
            except OperationFailure as error:
                if error.code != _NAMESPACE_EXISTS:
                    raise

    async def ping(self) -> None:
        """Ask the server for a sign of life.

        Raises:
            PyMongoError: it does not answer.
        """
        await self._database.command("ping")


def in_transaction() -> bool:
    """Tell whether a transaction is open here."""
    return _transaction_of.get() is not None


_NAMESPACE_EXISTS = 48

_PASSING_LABELS = (
    "TransientTransactionError",
    "RetryableWriteError",
    "UnknownTransactionCommitResult",
)

# The server's names for them, from its error_codes.yml.
_PASSING_CODES = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        13,  # Unauthorized: the operator's to mend, never the fault of what was sent
        18,  # AuthenticationFailed: the same
        24,  # LockTimeout
        43,  # CursorNotFound: the server was restarted under a cursor
        46,  # LockBusy
        50,  # MaxTimeMSExpired
        64,  # WriteConcernTimeout
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        112,  # WriteConflict
        133,  # FailedToSatisfyReadPreference
        134,  # ReadConcernMajorityNotAvailableYet
        189,  # PrimarySteppedDown
        202,  # NetworkInterfaceExceededTimeLimit
        239,  # SnapshotTooOld
        246,  # SnapshotUnavailable
        251,  # NoSuchTransaction
        262,  # ExceededTimeLimit
        290,  # TransactionExceededLifetimeLimitSeconds
        365,  # TemporarilyUnavailable
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11601,  # Interrupted
        11602,  # InterruptedDueToReplStateChange
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
        14031,  # OutOfDiskSpace: it may be freed
    }
)


def is_passing(error: BaseException | None) -> bool:
    """Tell whether waiting can cure a database error: the server is away, slow or changing."""
    if isinstance(error, EncryptionError):
        return is_passing(error.cause)
    if isinstance(error, ConnectionFailure):
        return True
    if isinstance(error, PyMongoError) and any(map(error.has_error_label, _PASSING_LABELS)):
        return True
    if isinstance(error, BulkWriteError):
        codes = _codes_of(error)
        return bool(codes) and codes <= _PASSING_CODES
    return isinstance(error, OperationFailure) and error.code in _PASSING_CODES


def is_duplicate(error: BaseException) -> bool:
    """Tell whether somebody else made the same document first; a fresh start will find it."""
    if isinstance(error, BulkWriteError):
        return _codes_of(error) == {_DUPLICATE_KEY}
    return isinstance(error, DuplicateKeyError)


@contextmanager
def duplicates_as_one() -> Iterator[None]:
    """Let the duplicate of a bulk of writes look like that of a single one.

    Raises:
        DuplicateKeyError: somebody else made one of the documents first.
    """
    try:
        yield
    except BulkWriteError as error:
        if not is_duplicate(error):
            raise
        raise DuplicateKeyError("E11000: one of several was made before", _DUPLICATE_KEY) from error


_DUPLICATE_KEY = 11000


def _codes_of(error: BulkWriteError) -> set[int]:
    details = error.details
    faults = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
    return {int(fault.get("code", 0)) for fault in faults}
