"""Notes: written, corrected within an hour, amended."""

from collections.abc import Callable

from contracts.sealed import Sealed
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model.notes import Amendment, Note, Visibility
from services.referral.model.people import Student


async def put_note(desk: Desk, note: Note) -> Note:
    """Write a note, or change nothing where its author sent this very body before.

    Raises:
        EnlaceError: no such student, or the id was used for something else.
    """
    ref, person = Ref(Note, note.id), Ref(Student, note.student)

    def write(found: Found) -> Change[Note]:
        known = found.get(ref)
        if known is not None:
            # Who guesses the id of somebody's note must not learn its words by sending them.
            check_repeat(f"{known.author} {known.fingerprint}", f"{note.author} {note.fingerprint}")
            return Change(known)
        if found.get(person) is None:
            raise unknown("student")
        return Change(note.having(version=1), [note])

    return await desk.store.update([ref, person], write)


async def edit_note(
    desk: Desk,
    id: str,
    *,
    words: Sealed,
    visibility: Visibility,
    by: str,
    edit: str,
    expected: int,
) -> Note:
    """Change a note's words or readers.

    Args:
        desk: what every handler works with.
        id: of the note.
        words: the new ones, sealed.
        visibility: the new readers.
        by: subject of who asks.
        edit: fingerprint of the request, to tell a repeat.
        expected: the version that its author saw.

    Raises:
        EnlaceError: no such note, somebody else's, older than an hour, or changed since.
    """

    def rewrite(note: Note) -> Note:
        if note.author == by and note.edit == edit:
            return note
        after = note.rewrite(words, visibility, by, desk.clock.now(), edit)
        check_version(expected, note.version)
        return after

    return await _change(desk, id, rewrite)


async def put_amendment(desk: Desk, id: str, amendment: Amendment) -> Note:
    """Add to a note, or change nothing where this very body was sent before.

    Raises:
        EnlaceError: no such note, somebody else's, or the id was used with another body.
    """

    def amend(note: Note) -> Note:
        known = note.amendment(amendment.id)
        if known is None:
            return note.amend(amendment)
        check_repeat(known.fingerprint, amendment.fingerprint)
        return note

    return await _change(desk, id, amend)


async def _change(desk: Desk, id: str, wish: Callable[[Note], Note]) -> Note:
    ref = Ref(Note, id)

    def change(found: Found) -> Change[Note]:
        note = found.get(ref)
        if note is None:
            raise unknown("note")
        after = wish(note)
        if after is note:
            return Change(note)
        return Change(after.having(version=note.version + 1), [after])

    return await desk.store.update([ref], change)
