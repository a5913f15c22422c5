"""Notes on a student: written, corrected within an hour, afterwards only amended. Pure."""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.code import Code
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import forbidden, rule

EDITABLE = timedelta(hours=1)
"""Afterwards colleagues may have acted on it: its words stay as they were."""

MAX_AMENDMENTS = 50


class Visibility(Code):
    """Who reads a note."""

    ONLY_ME = "only-me"
    CARE_TEAM = "care-team"
    PARTNER = "partner"


class Amendment(BaseModel):
    """What was added to a note later. `words` are sealed under the student's key."""

    model_config = ConfigDict(frozen=True)

    id: str
    words: Sealed
    by: str
    at: datetime
    fingerprint: str


class Note(Aggregate):
    """Words on a student, and on one of the student's referrals where it names one.

    Attributes:
        words: sealed under the student's key.
        author: subject of who wrote it; nobody else changes it.
        edit: fingerprint of the last edit, to tell a repeat.
        via: from where it was written; None for those of earlier releases.
    """

    COLLECTION: ClassVar[str] = "notes"

    student: str
    family: str
    site: str
    referral: str | None
    visibility: Visibility
    words: Sealed
    author: str
    written_at: datetime
    edited_at: datetime | None = None
    edit: str | None = None
    amendments: tuple[Amendment, ...] = ()
    fingerprint: str
    via: str | None = None

    def readable_by(self, subject: str) -> bool:
        """Tell whether somebody of the school's staff reads it: *only me* is its author's alone."""
        return self.visibility in _SHARED or subject == self.author

    def rewrite(
        self, words: Sealed, visibility: Visibility, by: str, now: datetime, edit: str
    ) -> "Note":
        """Return the note with other words or other readers.

        Raises:
            EnlaceError: somebody else's, or older than an hour.
        """
        self._need_author(by)
        if now >= self.written_at + EDITABLE:
            raise rule(
                "note-closed",
                "This note is more than an hour old: its words stay as they are. Add an amendment "
                "instead; it is shown with the note.",
                es="Esta nota tiene más de una hora: sus palabras quedan como están. Agregue una "
                "enmienda; se muestra con la nota.",
            )
        return self.having(words=words, visibility=visibility, edited_at=now, edit=edit)

    def amendment(self, id: str) -> Amendment | None:
        """Return one amendment."""
        return next((each for each in self.amendments if each.id == id), None)

    def amend(self, amendment: Amendment) -> "Note":
        """Return the note with something added; nothing is overwritten.

        Raises:
            EnlaceError: somebody else's, or full.
        """
        self._need_author(amendment.by)
        if len(self.amendments) >= MAX_AMENDMENTS:
            raise rule(
                "note-full",
                f"This note has {MAX_AMENDMENTS} amendments already. Write a new note.",
                es=f"Esta nota ya tiene {MAX_AMENDMENTS} enmiendas. Escriba una nota nueva.",
            )
        return self.having(amendments=(*self.amendments, amendment))

    def _need_author(self, subject: str) -> None:
        if subject != self.author:
            raise forbidden(
                "Only its author changes a note. Write a note of your own instead.",
                es="Solo quien escribió una nota la cambia. Escriba una nota propia.",
            )


# An unknown code of a later release is read by its author alone until this release knows it.
_SHARED = frozenset({Visibility.CARE_TEAM, Visibility.PARTNER})
