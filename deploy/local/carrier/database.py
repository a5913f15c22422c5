"""The SQLite file under ``--home``: its tables, its one connection and its transactions.

One process, one thread and one connection use it, and a statement takes well under a millisecond:
calls are made on the event loop directly, and need no locks.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  sid TEXT NOT NULL UNIQUE,
  direction TEXT NOT NULL,
  phone TEXT NOT NULL,
  line TEXT NOT NULL,
  service_sid TEXT,
  body TEXT NOT NULL,
  segments INTEGER NOT NULL,
  status TEXT NOT NULL,
  error_code INTEGER,
  callback_url TEXT,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  sent_at REAL,
  to_number TEXT GENERATED ALWAYS AS
    (CASE direction WHEN 'inbound' THEN line ELSE phone END) VIRTUAL,
  from_number TEXT GENERATED ALWAYS AS
    (CASE direction WHEN 'inbound' THEN phone ELSE line END) VIRTUAL
) STRICT;
CREATE INDEX IF NOT EXISTS messages_phone ON messages (phone, seq);
CREATE INDEX IF NOT EXISTS messages_to ON messages (to_number, seq);
CREATE TABLE IF NOT EXISTS history (
  sid TEXT NOT NULL,
  status TEXT NOT NULL,
  error_code INTEGER,
  at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS history_sid ON history (sid);
CREATE TABLE IF NOT EXISTS jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sid TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  error_code INTEGER,
  token TEXT NOT NULL,
  due REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'waiting',
  last_error TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS jobs_sid ON jobs (sid);
CREATE TABLE IF NOT EXISTS opt_outs (
  phone TEXT NOT NULL,
  scope TEXT NOT NULL,
  at REAL NOT NULL,
  PRIMARY KEY (phone, scope)
) STRICT;
CREATE TABLE IF NOT EXISTS refusals (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at REAL NOT NULL,
  to_number TEXT NOT NULL,
  from_number TEXT NOT NULL,
  code INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS rules (
  position INTEGER PRIMARY KEY,
  document TEXT NOT NULL,
  remaining INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
"""


class HomeInUseError(Exception):
    """Another process has the same home open."""


def open_database(home: Path) -> sqlite3.Connection:
    """Open the file, making it and its folder when they are missing.

    Raises:
        HomeInUseError: Another simulator runs on the same home; two would send every callback
            twice.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(
        home / "carrier.sqlite3",
        timeout=2.0,
        isolation_level=None,
        # Opened before the server's loop starts, which can be in a thread of its own.
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    try:
        # Exclusive: the lock lasts as long as the connection. NORMAL: what was answered survives
        # the end of this process, which is what a restart means here.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript("BEGIN EXCLUSIVE;" + _SCHEMA + "COMMIT;")
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" not in str(error):
            raise
        raise HomeInUseError(
            f"Another carrier simulator is running on {home}. Stop it, or choose another --home."
        ) from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Never await inside: the connection has one transaction at a time."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
