"""What an import came to, without anybody's name."""

from services.chassis.http.commands import Body
from services.chassis.tabular import Problem, Tally


class Counts(Body):
    """How many records of one kind were new, changed or the same."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


class RosterReport(Body):
    """What a roster brought, or would bring.

    Attributes:
        dry_run: nothing was written.
        withdrawn: ids of children of earlier rosters whom this one no longer has. They stay until
            somebody decides.
        ended: how many children the roster has whose time at the school, as it says itself, is
            over. They are taken: an export of last year is still who they are.
        problems: what could not be used, by file and line.
        ignored: what Enlace has no use for.
        dropped: what must never be stored.
    """

    dry_run: bool
    site: str
    students: Counts
    families: Counts
    contacts: Counts
    withdrawn: tuple[str, ...]
    ended: int
    problems: tuple[Problem, ...]
    ignored: tuple[Tally, ...]
    dropped: tuple[Tally, ...]
