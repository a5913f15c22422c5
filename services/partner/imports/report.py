"""What an import tells the person who sent a directory."""

from collections.abc import Iterable

from pydantic import BaseModel

from services.chassis.http.commands import Body
from services.chassis.tabular import Severity, Tally, ToldProblem
from services.partner.directory.model import DirectoryPackage, Format
from services.partner.directory.spanish import in_spanish
from services.partner.imports.kept import ProblemKind, kinds_of


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


class KindView(BaseModel):
    """A kind of problem, in both languages; see `ProblemKind`."""

    code: str
    severity: Severity
    what: str
    what_es: str
    what_to_do: str
    what_to_do_es: str
    count: int


class Report(BaseModel):
    """The import. `dry_run`: nothing was written; the counts say what would be.

    Attributes:
        run: id under which it is asked for later, with every problem, for two weeks.
        differing: agencies and services in which staff and the directory have both changed
            something: what staff wrote stands until somebody settles it.
        people_kept: people at agencies who are no longer seen, and are kept because something of
            people could not be read or was missing.
        problem_kinds: problems by what is said, the most frequent first; at most 100 kinds.
        problems: the first 100 of them, by file and line.
        unmapped_terms: the first 500.
        uncategorized: the first 500, by name.
    """

    run: str
    format: Format
    source: str
    dry_run: bool
    agencies: Counts
    services: Counts
    differing: int
    people_kept: int
    problem_count: int
    problem_kinds: tuple[KindView, ...]
    problems: tuple[ToldProblem, ...]
    unmapped_count: int
    unmapped_terms: tuple[TermView, ...]
    uncategorized_count: int
    uncategorized: tuple[UncategorizedView, ...]
    ignored: tuple[Tally, ...]


MOST_SHOWN = 500
MOST_PROBLEMS = 100


def report(
    run: str,
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
    kinds = kinds_of(package.problems)
    terms, nameless = package.unmapped_terms, sorted(uncategorized, key=lambda each: each.name)
    return Report(
        run=run,
        format=package.format,
        source=source,
        dry_run=dry_run,
        agencies=counts["agencies"],
        services=counts["services"],
        differing=differing,
        people_kept=people_kept,
        problem_count=len(package.problems),
        problem_kinds=tuple(map(_kind, kinds[:MOST_PROBLEMS])),
        problems=tuple(
            ToldProblem.of(each, in_spanish) for each in package.problems[:MOST_PROBLEMS]
        ),
        unmapped_count=len(terms),
        unmapped_terms=tuple(
            TermView(source_id=each.source_id, code=each.code, name=each.name)
            for each in terms[:MOST_SHOWN]
        ),
        uncategorized_count=len(nameless),
        uncategorized=tuple(nameless[:MOST_SHOWN]),
        ignored=package.ignored,
    )


def _kind(kind: ProblemKind) -> KindView:
    return KindView(
        **dict(kind), what_es=in_spanish(kind.what), what_to_do_es=in_spanish(kind.what_to_do)
    )
