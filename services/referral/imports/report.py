"""What an import came to, without anybody's name."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.chassis.http.commands import Body
from services.chassis.tabular import Tally, ToldProblem
from services.referral.imports.planned import Slice

MOST_SHOWN = 500
"""Children listed of each kind, and problems; all bad rows are in the CSV."""


class Counts(Body):
    """How many records of one kind were new, changed or the same."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


class RosterReport(Body):
    """What a roster brought, or would bring.

    Attributes:
        run: id under which it can be asked for later.
        dry_run: nothing was written.
        site: the school; None for a whole district.
        added: ids of children who are new here, at most 500 of them.
        changed: ids of those of whom it says something new, at most 500.
        withdrawn: ids of children of earlier rosters whom this one no longer has, marked as
            withdrawn since today. They stay, with all that is theirs.
        returned: how many had left, and are back or have come from another school.
        ended: how many children the roster has whose time at the school, as it says itself, is
            over. They are taken: an export of last year is still who they are.
        collisions: how many rows have the id of a child at another school, and were not taken.
        bad_rows: how many problems there are; all are in the CSV of bad rows.
        problems: the first 500 of them, by file and line.
        ignored: what Enlace has no use for.
        dropped: what must never be stored.
    """

    run: str
    dry_run: bool
    site: str | None
    students: Counts
    families: Counts
    contacts: Counts
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...]
    returned: int = 0
    ended: int
    collisions: int = 0
    bad_rows: int = 0
    problems: tuple[ToldProblem, ...]
    ignored: tuple[Tally, ...]
    dropped: tuple[Tally, ...]


@dataclass(slots=True)
class Totals:
    """Adds slices up."""

    students: Counts = field(default_factory=Counts)
    families: Counts = field(default_factory=Counts)
    contacts: Counts = field(default_factory=Counts)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    returned: int = 0
    collisions: int = 0

    def add(self, part: Slice) -> None:
        """Take a slice in."""
        students = [student for family in part.families for student in family.students]
        contacts = [contact for family in part.families for contact in family.contacts]
        self.students = _plus(self.students, ((s.known is None, s.changed) for s in students))
        self.contacts = _plus(self.contacts, ((c.known is None, c.changed) for c in contacts))
        self.families = _plus(self.families, ((f.known is None, f.changed) for f in part.families))
        self.collisions += len(part.collisions)
        for each in students:
            if each.known is not None and not each.known.attends:
                self.returned += 1
            kind = self.added if each.known is None else self.changed
            if each.changed and len(kind) < MOST_SHOWN:
                kind.append(each.id)


def _plus(counts: Counts, records: Iterable[tuple[bool, bool]]) -> Counts:
    """Count records given as (is new, is changed)."""
    found = list(records)
    return Counts(
        created=counts.created + sum(new for new, _ in found),
        changed=counts.changed + sum(changed and not new for new, changed in found),
        unchanged=counts.unchanged + sum(not changed for _, changed in found),
    )
