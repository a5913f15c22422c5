"""What a reader of people's files reports: every problem, and everything it left out."""

from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

_SHOWN_CHARS = 60
WHOLE_FILE = "*"
"""The `field` of a `Tally` that counts a whole file rather than one of its columns."""


class Record(BaseModel):
    """The base of everything read from a file: immutable, strict, closed.

    Errors hide their input, because a record may hold a family's name or number.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, allow_inf_nan=False
    )


class Severity(StrEnum):
    """How much was lost to a problem."""

    ROW_REFUSED = "row-refused"
    VALUE_IGNORED = "value-ignored"


class Problem(Record):
    """One thing in a file that could not be used as it stands.

    `line` is the physical line in the file where the row starts, counted from 1 with the heading;
    0 means the file as a whole. `value_shown` is shortened, and masked where it is personal.
    """

    file: str
    line: Annotated[int, Field(ge=0)]
    field: str
    value_shown: str
    what: str
    what_to_do: str
    severity: Severity


class ToldProblem(Problem):
    """A problem in both languages."""

    what_es: str
    what_to_do_es: str

    @classmethod
    def of(cls, problem: Problem, in_spanish: Callable[[str], str]) -> Self:
        """Return it with its Spanish."""
        return cls(
            **dict(problem),
            what_es=in_spanish(problem.what),
            what_to_do_es=in_spanish(problem.what_to_do),
        )


class Tally(Record):
    """How many filled-in values of one column were left out; `*` counts a whole file as one."""

    file: str
    field: str
    values: Annotated[int, Field(ge=1)]


class ReadingLog:
    """Collects, while a package is read, what was wrong with it and what was left out."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._ignored: Counter[tuple[str, str]] = Counter()
        self._dropped: Counter[tuple[str, str]] = Counter()

    def problem(
        self,
        severity: Severity,
        *,
        file: str,
        what: str,
        what_to_do: str,
        line: int = 0,
        field: str = "",
        value: str = "",
        personal: bool = False,
        values: Mapping[str, str] | None = None,
    ) -> None:
        """Lists a problem; a personal value is shown by its shape alone.

        `values` are the row's, for a log that keeps rows to be mended; this one does not.
        """
        del values
        self._problems.append(
            Problem(
                file=file,
                line=line,
                field=field,
                value_shown=mask(value) if personal else shorten(value),
                what=what,
                what_to_do=what_to_do,
                severity=severity,
            )
        )

    def ignore(self, file: str, field: str) -> None:
        """Counts a value that Enlace has no use for."""
        self._ignored[file, field] += 1

    def drop(self, file: str, field: str) -> None:
        """Counts a value that Enlace refuses to hold."""
        self._dropped[file, field] += 1

    @property
    def found(self) -> int:
        """How many problems there are so far."""
        return len(self._problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem, by file and line, in the order found where these are equal."""
        return tuple(sorted(self._problems, key=lambda found: (found.file, found.line)))

    @property
    def ignored(self) -> tuple[Tally, ...]:
        """What was left out for want of use, by file and column."""
        return _tallies(self._ignored)

    @property
    def dropped(self) -> tuple[Tally, ...]:
        """What was left out because it must never be stored, by file and column."""
        return _tallies(self._dropped)


def _tallies(counted: Counter[tuple[str, str]]) -> tuple[Tally, ...]:
    return tuple(
        Tally(file=file, field=field, values=values)
        for (file, field), values in sorted(counted.items())
    )


def mask(value: str) -> str:
    """Shows the shape of a value without its content: `650-5 x` becomes `•••-• •`."""
    return shorten("".join("•" if char.isalnum() else char for char in value))


def shorten(value: str) -> str:
    """Cuts a value to what fits on one line of a report, without control characters."""
    flat = "".join(char if char.isprintable() else " " for char in value[: _SHOWN_CHARS + 1])
    return flat if len(flat) <= _SHOWN_CHARS else flat[: _SHOWN_CHARS - 1] + "…"
