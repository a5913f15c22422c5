"""The durable queue: status changes to make and webhooks to send, each at its time.

A job is written in the transaction of the text that it belongs to, and is done when its row says
so. A crash between sending and noting it sends it again, with the same token.
"""

import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from deploy.local.carrier.model import Status


class Kind(StrEnum):
    """What there is to do."""

    MOVE = "move"
    CALLBACK = "callback"
    INBOUND = "inbound"


class State(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do; `due` in seconds since the epoch, on the real clock.

    Attributes:
        status: The status to move to or to tell about.
        token: The same on every attempt, so that the product can see a repetition.
    """

    id: int
    sid: str
    kind: Kind
    status: Status
    error_code: int | None
    token: str
    due: float
    attempts: int
    state: State
    last_error: str | None


class Queue:
    """Jobs in order of their due time, then of their making."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(
        self, sid: str, kind: Kind, status: Status, due: float, error_code: int | None = None
    ) -> None:
        """Add a job."""
        self._connection.execute(
            "INSERT INTO jobs (sid, kind, status, error_code, token, due)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (sid, kind, status, error_code, secrets.token_hex(16), due),
        )

    def due(self, now: float, limit: int) -> list[Job]:
        """Waiting jobs whose time has come."""
        rows = self._connection.execute(
            "SELECT * FROM jobs WHERE state = 'waiting' AND due <= ? ORDER BY due, id LIMIT ?",
            (now, limit),
        )
        return [_job(row) for row in rows]

    def next_due(self, after: float) -> float | None:
        """When the next job falls due that is not due yet."""
        row = self._connection.execute(
            "SELECT min(due) AS due FROM jobs WHERE state = 'waiting' AND due > ?", (after,)
        ).fetchone()
        return None if row["due"] is None else float(row["due"])

    def done(self, job: Job) -> None:
        """Note that it is done, with the attempt that did it."""
        self._connection.execute(
            "UPDATE jobs SET state = 'done', attempts = attempts + 1, last_error = NULL"
            " WHERE id = ?",
            (job.id,),
        )

    def again(self, job: Job, due: float, error: str) -> None:
        """Note a failed attempt, and when to try again."""
        self._connection.execute(
            "UPDATE jobs SET attempts = attempts + 1, due = ?, last_error = ? WHERE id = ?",
            (due, error, job.id),
        )

    def failed(self, job: Job, error: str) -> None:
        """Note the last failed attempt."""
        self._connection.execute(
            "UPDATE jobs SET state = 'failed', attempts = attempts + 1, last_error = ?"
            " WHERE id = ?",
            (error, job.id),
        )

    def retry_failed(self, due: float) -> int:
        """Give the failed jobs all their attempts again; how many there are."""
        return self._connection.execute(
            "UPDATE jobs SET state = 'waiting', attempts = 0, due = ? WHERE state = 'failed'",
            (due,),
        ).rowcount

    def webhooks(self, sids: Iterable[str]) -> dict[str, list[Job]]:
        """The webhooks of these texts, in order of their making."""
        found: dict[str, list[Job]] = {}
        for sid in sids:
            rows = self._connection.execute(
                "SELECT * FROM jobs WHERE sid = ? AND kind <> 'move' ORDER BY id", (sid,)
            )
            found[sid] = [_job(row) for row in rows]
        return found

    def listed(self, state: State | None, limit: int) -> list[Job]:
        """Webhooks, the newest first."""
        rows = self._connection.execute(
            "SELECT * FROM jobs WHERE kind <> 'move' AND (:state IS NULL OR state = :state)"
            " ORDER BY id DESC LIMIT :limit",
            {"state": state, "limit": limit},
        )
        return [_job(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many webhooks there are in each state."""
        rows = self._connection.execute(
            "SELECT state, count(*) AS n FROM jobs WHERE kind <> 'move' GROUP BY state"
        )
        found = {row["state"]: int(row["n"]) for row in rows}
        return {state.value: found.get(state.value, 0) for state in State}


def _job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        sid=row["sid"],
        kind=Kind(row["kind"]),
        status=Status(row["status"]),
        error_code=row["error_code"],
        token=row["token"],
        due=row["due"],
        attempts=row["attempts"],
        state=State(row["state"]),
        last_error=row["last_error"],
    )
