"""Mail on disk: one file a message, in the order in which they came."""

import base64
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One message as it was handed over.

    Attributes:
        id: sorts by arrival.
        received_at: when it was taken.
        mail_from: the envelope's sender.
        rcpt_to: the envelope's recipients, who need not be those of the headers.
        raw: headers and body as sent.
    """

    id: str
    received_at: datetime
    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes

    def parsed(self) -> EmailMessage:
        """Return headers and parts."""
        return message_from_bytes(self.raw, policy=policy.default)

    def is_for(self, address: str) -> bool:
        """Tell whether an address is among the envelope's recipients, in any case."""
        return address.lower() in (one.lower() for one in self.rcpt_to)


class MailStore:
    """The messages of a folder.

    Args:
        folder: made when it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._recipients: dict[str, frozenset[str]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, mail_from: str, rcpt_to: Sequence[str], raw: bytes) -> StoredMail:
        """Keep a message; once this returns, a crash does not lose it."""
        self._count += 1
        # The count keeps apart what arrives within one tick of a coarse clock.
        identity = f"{time.time_ns():020d}-{self._count:06d}"
        mail = StoredMail(identity, datetime.now(UTC), mail_from, tuple(rcpt_to), raw)
        path = self._folder / f"{identity}.json"
        half = path.with_suffix(".half")
        with half.open("w") as file:
            json.dump(
                {
                    "received_at": mail.received_at.isoformat(),
                    "mail_from": mail.mail_from,
                    "rcpt_to": mail.rcpt_to,
                    "raw": base64.b64encode(raw).decode(),
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        half.rename(path)
        return mail

    def get(self, identity: str) -> StoredMail | None:
        """Return a message by id; None when there is no such one."""
        # Compared with the names that are there: an id from outside never becomes a path.
        return next((_read(path) for path in self._paths() if path.stem == identity), None)

    def newest_first(self, to: str | None = None) -> Iterator[StoredMail]:
        """Yield the messages, for one recipient or all, the newest first."""
        for path in reversed(self._paths()):
            # Whose it is, is remembered: an inbox among thousands of mails opens at once.
            known = self._recipients.get(path.name)
            if known is not None and to is not None and to.lower() not in known:
                continue
            mail = _read(path)
            self._recipients[path.name] = frozenset(one.lower() for one in mail.rcpt_to)
            if to is None or mail.is_for(to):
                yield mail

    def clear(self) -> int:
        """Throw all messages away; return how many there were."""
        paths = self._paths()
        for path in paths:
            path.unlink(missing_ok=True)
        return len(paths)

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))


def _read(path: Path) -> StoredMail:
    content = json.loads(path.read_text())
    return StoredMail(
        id=path.stem,
        received_at=datetime.fromisoformat(content["received_at"]),
        mail_from=content["mail_from"],
        rcpt_to=tuple(content["rcpt_to"]),
        raw=base64.b64decode(content["raw"]),
    )
