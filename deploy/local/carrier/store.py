"""Texts, their history, opt-outs and refusals, kept in SQLite."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deploy.local.carrier.model import Direction, Message, Status

_PRUNE_EVERY = 200
_KEPT_REFUSALS = 1000

_PAGE = """
SELECT * FROM messages
WHERE (:to IS NULL OR to_number = :to)
  AND (:from IS NULL OR from_number = :from)
  AND (:sent_from IS NULL OR sent_at >= :sent_from)
  AND (:sent_until IS NULL OR sent_at <= :sent_until)
  AND (:before IS NULL OR seq < :before)
  AND (:after IS NULL OR seq > :after)
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a text's history; `at` in seconds since the epoch on the product's clock."""

    status: Status
    error_code: int | None
    at: float


@dataclass(frozen=True, slots=True)
class Phone:
    """A family's number with what it got and wrote."""

    number: str
    received: int
    written: int
    last_at: float
    last_body: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that the API refused."""

    at: float
    to: str
    from_: str
    code: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which texts a list holds; times are seconds since the epoch, both ends included."""

    to: str | None = None
    from_: str | None = None
    sent_from: float | None = None
    sent_until: float | None = None


class Store:
    """Reads and writes texts. Callers that write several things open the transaction.

    Args:
        connection: The simulator's one connection.
        keep: How many texts are kept; older ones are forgotten with all that belongs to them.
    """

    def __init__(self, connection: sqlite3.Connection, keep: int) -> None:
        self._connection = connection
        self._keep = keep

    def add(self, message: Message) -> Message:
        """Store a text, with its first status as its history; its `seq` is given here."""
        cursor = self._connection.execute(
            "INSERT INTO messages (sid, direction, phone, line, service_sid, body, segments,"
            " status, error_code, callback_url, created_at, updated_at, sent_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                message.sid,
                message.direction,
                message.phone,
                message.line,
                message.service_sid,
                message.body,
                message.segments,
                message.status,
                message.error_code,
                message.callback_url,
                message.created_at,
                message.updated_at,
                message.sent_at,
            ),
        )
        stored = _message(cursor.fetchone())
        self._note(stored.sid, stored.status, stored.error_code, stored.created_at)
        if stored.seq % _PRUNE_EVERY == 0:
            self._forget(stored.seq - self._keep)
        return stored

    def move(self, sid: str, status: Status, error_code: int | None, at: float) -> Message | None:
        """Give a text its next status; None when it has been deleted since."""
        row = self._connection.execute(
            "UPDATE messages SET status = :status, error_code = :code, updated_at = :at,"
            " sent_at = CASE WHEN :status = 'queued' THEN sent_at ELSE coalesce(sent_at, :at) END"
            " WHERE sid = :sid RETURNING *",
            {"sid": sid, "status": status, "code": error_code, "at": at},
        ).fetchone()
        if row is None:
            return None
        self._note(sid, status, error_code, at)
        return _message(row)

    def redact(self, sid: str, at: float) -> Message | None:
        """Forget the words of a text; None when there is no such text."""
        row = self._connection.execute(
            "UPDATE messages SET body = '', updated_at = ? WHERE sid = ? RETURNING *", (at, sid)
        ).fetchone()
        return None if row is None else _message(row)

    def delete(self, sid: str) -> None:
        """Forget one text."""
        for table in ("messages", "history", "jobs"):
            self._connection.execute(f"DELETE FROM {table} WHERE sid = ?", (sid,))  # noqa: S608 - constant names

    def clear(self) -> None:
        """Forget every text, refusal and waiting delivery."""
        for table in ("messages", "history", "jobs", "refusals"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - constant names

    def get(self, sid: str) -> Message | None:
        """The text with this sid."""
        row = self._connection.execute("SELECT * FROM messages WHERE sid = ?", (sid,)).fetchone()
        return None if row is None else _message(row)

    def page(
        self, wanted: Filter, limit: int, *, before: int | None = None, after: int | None = None
    ) -> list[Message]:
        """Up to `limit` texts, newest first: next older than `before`, or newer than `after`."""
        rows = self._connection.execute(
            _PAGE + ("ORDER BY seq DESC" if after is None else "ORDER BY seq") + " LIMIT :limit",
            {
                "to": wanted.to,
                "from": wanted.from_,
                "sent_from": wanted.sent_from,
                "sent_until": wanted.sent_until,
                "before": before,
                "after": after,
                "limit": limit,
            },
        ).fetchall()
        messages = [_message(row) for row in rows]
        return messages if after is None else messages[::-1]

    def conversation(self, phone: str, limit: int, before: int | None = None) -> list[Message]:
        """The newest texts of one phone, both directions, oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM messages WHERE phone = :phone AND (:before IS NULL OR seq < :before)"
            " ORDER BY seq DESC LIMIT :limit",
            {"phone": phone, "before": before, "limit": limit},
        ).fetchall()
        return [_message(row) for row in reversed(rows)]

    def accepted(self) -> list[Message]:
        """Every text that the API accepted, in that order."""
        rows = self._connection.execute(
            "SELECT * FROM messages WHERE direction = 'outbound-api' ORDER BY seq"
        ).fetchall()
        return [_message(row) for row in rows]

    def last_line(self, phone: str) -> str | None:
        """The product's number that texted this phone last."""
        row = self._connection.execute(
            "SELECT line FROM messages WHERE phone = ? AND direction <> 'inbound'"
            " ORDER BY seq DESC LIMIT 1",
            (phone,),
        ).fetchone()
        return None if row is None else str(row["line"])

    def lines(self, phone: str) -> list[str]:
        """The product's numbers in this phone's conversation, the last one first."""
        rows = self._connection.execute(
            "SELECT line FROM messages WHERE phone = ? GROUP BY line ORDER BY max(seq) DESC",
            (phone,),
        )
        return [str(row["line"]) for row in rows]

    def phones(self) -> list[Phone]:
        """Every phone with a text, the one with the newest first."""
        rows = self._connection.execute(
            # SQLite takes the bare columns from the row that has the max().
            "SELECT phone, max(seq), created_at, body, sum(direction <> 'inbound') AS received,"
            " sum(direction = 'inbound') AS written FROM messages GROUP BY phone"
            " ORDER BY max(seq) DESC"
        )
        return [
            Phone(row["phone"], row["received"], row["written"], row["created_at"], row["body"])
            for row in rows
        ]

    def history(self, sids: Iterable[str]) -> dict[str, list[Change]]:
        """The status changes of these texts, oldest first."""
        found: dict[str, list[Change]] = {}
        for sid in sids:
            rows = self._connection.execute(
                "SELECT status, error_code, at FROM history WHERE sid = ? ORDER BY rowid", (sid,)
            )
            found[sid] = [
                Change(Status(row["status"]), row["error_code"], row["at"]) for row in rows
            ]
        return found

    def opt_out(self, phone: str, scope: str, at: float) -> bool:
        """Note that a phone wants no texts of this scope; whether that is news."""
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO opt_outs (phone, scope, at) VALUES (?, ?, ?)", (phone, scope, at)
        )
        return cursor.rowcount == 1

    def opt_in(self, phone: str, scope: str) -> bool:
        """Note that a phone wants texts of this scope again; whether that is news."""
        cursor = self._connection.execute(
            "DELETE FROM opt_outs WHERE phone = ? AND scope = ?", (phone, scope)
        )
        return cursor.rowcount == 1

    def opt_outs(self, phone: str | None = None) -> list[tuple[str, str, float]]:
        """Phone, scope and time of every opt-out, or of one phone's."""
        rows = self._connection.execute(
            "SELECT phone, scope, at FROM opt_outs WHERE :phone IS NULL OR phone = :phone"
            " ORDER BY at",
            {"phone": phone},
        )
        return [(row["phone"], row["scope"], row["at"]) for row in rows]

    def clear_opt_outs(self) -> None:
        """Forget every opt-out."""
        self._connection.execute("DELETE FROM opt_outs")

    def refuse(self, refusal: Refusal) -> None:
        """Note a refused request; the last thousand are kept."""
        cursor = self._connection.execute(
            "INSERT INTO refusals (at, to_number, from_number, code) VALUES (?, ?, ?, ?)",
            (refusal.at, refusal.to, refusal.from_, refusal.code),
        )
        self._connection.execute(
            "DELETE FROM refusals WHERE id <= ?", ((cursor.lastrowid or 0) - _KEPT_REFUSALS,)
        )

    def refusals(self) -> Sequence[Refusal]:
        """The refused requests, oldest first."""
        rows = self._connection.execute("SELECT * FROM refusals ORDER BY id")
        return [
            Refusal(row["at"], row["to_number"], row["from_number"], row["code"]) for row in rows
        ]

    def _note(self, sid: str, status: Status, error_code: int | None, at: float) -> None:
        self._connection.execute(
            "INSERT INTO history (sid, status, error_code, at) VALUES (?, ?, ?, ?)",
            (sid, status, error_code, at),
        )

    def _forget(self, until: int) -> None:
        rows = self._connection.execute("SELECT sid FROM messages WHERE seq <= ?", (until,))
        for row in rows.fetchall():
            self.delete(row["sid"])


def _message(row: sqlite3.Row) -> Message:
    return Message(
        seq=row["seq"],
        sid=row["sid"],
        direction=Direction(row["direction"]),
        phone=row["phone"],
        line=row["line"],
        service_sid=row["service_sid"],
        body=row["body"],
        segments=row["segments"],
        status=Status(row["status"]),
        error_code=row["error_code"],
        callback_url=row["callback_url"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        sent_at=row["sent_at"],
    )
