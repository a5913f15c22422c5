"""What an import tells the person who sent a directory."""

from collections.abc import Iterable

from pydantic import BaseModel

from services.chassis.http.commands import Body
from services.chassis.tabular import Problem, Tally
from services.partner.directory.model import DirectoryPackage, Format


class Counts(Body):
    """What became of the records of one kind.

    Attributes:
        gone: no longer in the directory: retired, never deleted.
        kept: no longer seen, and not retired because something of this kind could not be read or
            was missing.
    """

    added: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    kept: int = 0


class TermView(Body):
    """A term of the directory's classification that stands for no need that Enlace knows."""

    source_id: str
    code: str | None
    name: str


class UncategorizedView(Body):
    """A service that no search by need finds until somebody gives it a category."""

    id: str
    source_id: str
    name: str


class Report(BaseModel):
    """The import. `dry_run`: nothing was written; the counts say what would be.

    Attributes:
        differing: agencies and services in which staff and the directory have both changed
            something: what staff wrote stands until somebody settles it.
        people_kept: people at agencies who are no longer seen, and are kept because something of
            people could not be read or was missing.
    """

    format: Format
    source: str
    dry_run: bool
    agencies: Counts
    services: Counts
    differing: int
    people_kept: int
    problems: tuple[Problem, ...]
    unmapped_terms: tuple[TermView, ...]
    uncategorized: tuple[UncategorizedView, ...]
    ignored: tuple[Tally, ...]


def report(
    package: DirectoryPackage,
    source: str,
    counts: dict[str, Counts],
    uncategorized: Iterable[UncategorizedView],
    *,
    differing: int,
    people_kept: int,
    dry_run: bool,
) -> Report:
    """Return the report of an import."""
    return Report(
        format=package.format,
        source=source,
        dry_run=dry_run,
        agencies=counts["agencies"],
        services=counts["services"],
        differing=differing,
        people_kept=people_kept,
        problems=package.problems,
        unmapped_terms=tuple(
            TermView(source_id=each.source_id, code=each.code, name=each.name)
            for each in package.unmapped_terms
        ),
        uncategorized=tuple(uncategorized),
        ignored=package.ignored,
    )
