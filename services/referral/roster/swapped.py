"""Columns that stand in each other's place, told in a file of one row as in one of thousands.

These speak for it, and a single value that is where it belongs speaks against it:

* two columns each hold what the other one should, in every row that has both;
* a first day comes after its last one, in every row that has both, and in more than one;
* a column holds nothing that it may, and different values that are surely something else.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

from contracts.codes import Relation
from services.chassis.grades import place_of
from services.chassis.tabular import PackageRefusedError
from services.chassis.tabular.values import UnreadableValueError, parse_date, parse_email
from services.referral.roster.roles import ROLE_WORD, Roles

_FEWEST = 2
"""Different values, or rows: one alone may be a word for *unknown*, or a slip."""

_ORDERED = (("roleStartDate", "roleEndDate"),)
"""Days of which the first comes first."""


class Kind(NamedTuple):
    """What a column holds.

    Attributes:
        may: whether a value can be of this kind, by the widest reading.
        sure: whether it is, by the narrowest.
        others: what it would surely be, where it cannot be of this kind.
    """

    may: Callable[[str], bool]
    sure: Callable[[str], bool]
    others: tuple[Callable[[str], bool], ...] = ()


_ROLES = frozenset(
    {
        *("student", "teacher", "guardian", "parent", "relative", "staff", "faculty", "aide"),
        *("administrator", "principal", "professor", "proctor", "lecturer", "counselor", "nurse"),
    }
)
_TYPES = frozenset(
    {
        *("school", "district", "department", "college", "university", "campus", "program"),
        *("division", "faculty", "local", "state", "national", "region"),
    }
)
_RELATIONS = frozenset(each.value for each in Relation) | _ROLES
_YES_NO = frozenset({"true", "false", "yes", "no"})
_NO_NAME = re.compile(r"^[-+]|[=@#|<>{}\\]")
"""What no name holds: the beginning of a formula, a spreadsheet's error, an address."""
_PHONE = re.compile(r"\+?[\d\s().-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SHORT_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PHONE_DIGITS = (10, 11)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except UnreadableValueError:
        return None


def _is_date(text: str) -> bool:
    return _day(text) is not None


def _is_written_date(text: str) -> bool:
    """Tell a date from an id that is a number of eight digits."""
    return not text.isalnum() and _is_date(text)


def _is_email(text: str) -> bool:
    try:
        parse_email(text)
    except UnreadableValueError:
        return False
    return True


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _is_phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None and _digits(text) in _PHONE_DIGITS


def may_be_name(text: str) -> bool:
    """Tell whether a text can be a name: more letters than figures, and no formula or address."""
    return _NO_NAME.search(text) is None and sum(map(str.isalpha, text)) > _digits(text)


def _is_name(text: str) -> bool:
    return may_be_name(text) and not _digits(text) and not _is_yes_or_no(text)


def _is_role(text: str) -> bool:
    return text.casefold() in _ROLES


def _is_grade(text: str) -> bool:
    return place_of(text) is not None


def _is_yes_or_no(text: str) -> bool:
    return text.casefold() in _YES_NO


def _none_of(*kinds: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: not any(each(text) for each in kinds)


def _one_of(words: frozenset[str]) -> Callable[[str], bool]:
    return lambda text: text.casefold() in words


_NAME = Kind(may_be_name, _is_name, (_is_date, _is_email, _is_phone, _is_grade))
_ROLE = Kind(
    lambda text: ROLE_WORD.fullmatch(text) is not None and not _is_yes_or_no(text),
    _is_role,
    (_is_grade, _is_date, _is_email, _is_phone, _is_yes_or_no),
)
_GRADE = Kind(_none_of(_is_role, _is_yes_or_no, _is_email, _is_date), _is_grade)
_DATE = Kind(_is_date, _is_date)
_BIRTH = Kind(_is_date, _is_date, (_is_name, _is_email, _is_phone, _is_yes_or_no))
_FLAG = Kind(_one_of(_YES_NO | frozenset("tfyn10")), _is_yes_or_no)
# A school's own account names under `email` are no swapped column, however wrong they are.
_EMAIL = Kind(lambda text: "@" in text, _is_email, (_is_date, _is_phone))
_TELEPHONE = Kind(lambda text: _digits(text) >= 7, _is_phone)  # noqa: PLR2004 - without area code
_READS = Kind(
    lambda text: _LANGUAGE.fullmatch(text) is not None,
    lambda text: _SHORT_LANGUAGE.fullmatch(text) is not None,
)

ORGS: Mapping[str, Kind] = {
    "name": Kind(_none_of(_one_of(_TYPES)), lambda text: any(map(str.isalpha, text))),
    "type": Kind(_one_of(_TYPES), _one_of(_TYPES)),
}


def kinds(
    schools: Iterable[str], roles: Roles, is_related: Callable[[str], bool]
) -> Mapping[str, Mapping[str, Kind]]:
    """Return what each column of a roster holds, by file.

    Args:
        schools: ids of the roster's organizations.
        roles: who is a student; asked once `roles.csv` was read.
        is_related: whether somebody is one of the people around a student; asked once
            `relationships.csv` was read.
    """
    orgs = frozenset(schools)
    is_no_id = (orgs.__contains__, _is_role, _is_yes_or_no, _is_written_date)

    def known(text: str) -> bool:
        return roles.has(text) or is_related(text)

    def other(text: str) -> bool:
        return not roles.has(text) and not roles.is_elsewhere(text)

    student = Kind(roles.has, roles.has)
    no_student = Kind(_none_of(roles.has), other)
    return {
        "roles.csv": {
            "userSourcedId": Kind(_none_of(*is_no_id), _none_of(*is_no_id)),
            "orgSourcedId": Kind(orgs.__contains__, orgs.__contains__),
            "role": _ROLE,
            "grade": _GRADE,
            "isPrimary": _FLAG,
            "roleStartDate": _DATE,
            "roleEndDate": _DATE,
        },
        "relationships.csv": {
            "userSourcedId": student,
            "relationshipUserSourcedId": Kind(_none_of(roles.has, _one_of(_RELATIONS)), other),
            "relationshipRole": Kind(lambda text: not _digits(text), _one_of(_RELATIONS)),
        },
        "demographics.csv": {"userSourcedId": student, "birthDate": _BIRTH},
        "userflags.csv": {"userSourcedId": student, "flag": no_student},
        "users.csv": {
            "sourcedId": Kind(known, known),
            "givenName": _NAME,
            "familyName": _NAME,
            "email": _EMAIL,
            "phone": _TELEPHONE,
            "sms": _TELEPHONE,
            "preferredLanguage": _READS,
        },
    }


class Swaps:
    """Looks at every row of one file, until nothing can be swapped any more."""

    def __init__(self, file: str, columns: Mapping[str, Kind]) -> None:
        self._file = file
        self._columns = columns
        self._pairs = {
            each: 0
            for each in combinations(columns, 2)
            if columns[each[0]].sure is not columns[each[1]].sure
        }
        self._ordered = {each: 0 for each in _ORDERED if columns.keys() >= set(each)}
        self._alone: dict[str, set[str]] = {
            column: set() for column, kind in columns.items() if kind.others
        }

    def look(self, values: Mapping[str, str]) -> None:
        """Take what a row says for and against."""
        self._look_across(values)
        self._look_at_days(values)
        self._look_at_each(values)

    def _look_across(self, values: Mapping[str, str]) -> None:
        for pair in list(self._pairs):
            first, second = (values.get(column) for column in pair)
            one, two = (self._columns[column] for column in pair)
            if (first and one.may(first)) or (second and two.may(second)):
                del self._pairs[pair]
            elif first and second and two.sure(first) and one.sure(second):
                self._pairs[pair] += 1

    def _look_at_days(self, values: Mapping[str, str]) -> None:
        for pair in list(self._ordered):
            first, last = (_day(values.get(column, "")) for column in pair)
            if first is None or last is None:
                continue
            if first <= last:
                del self._ordered[pair]
            else:
                self._ordered[pair] += 1

    def _look_at_each(self, values: Mapping[str, str]) -> None:
        for column, wrong in list(self._alone.items()):
            value, kind = values.get(column), self._columns[column]
            if not value:
                continue
            if kind.may(value) or not any(sure(value) for sure in kind.others):
                del self._alone[column]
            elif len(wrong) < _FEWEST:
                wrong.add(value)

    def check(self) -> None:
        """Refuse the roster where columns are swapped.

        Raises:
            PackageRefusedError: they are; every row would be wrong.
        """
        for pair, found in self._pairs.items():
            if found:
                raise _refused(self._file, pair)
        for pair, found in self._ordered.items():
            if found >= _FEWEST:
                raise _refused(self._file, pair)
        for column, wrong in self._alone.items():
            if len(wrong) >= _FEWEST:
                raise _refused(self._file, (column,))


def need_known(count: int, found: int, *, file: str, column: str, where: str) -> None:
    """Refuse a roster of which a column of ids names nobody, or no place, of another file.

    Args:
        count: how many ids the column has.
        found: how many of them the other file has.
        file: the column's.
        column: its name.
        where: the other file, and its column.

    Raises:
        PackageRefusedError: it has none of them.
    """
    if not count or found:
        return
    raise PackageRefusedError(
        f"In {file}, no id under {column} is one of {where}: columns were swapped, or the files "
        "are not of one export. Nothing was taken.",
        "Compare the headings with the values below them, and export all files again.",
        es=f"En {file}, ningún número de {column} está en {where}: las columnas están cambiadas, "
        "o los archivos no son de la misma exportación. No se cargó nada. Compare los encabezados "
        "con los valores y exporte todos los archivos de nuevo.",
    )


def _refused(file: str, columns: Sequence[str]) -> PackageRefusedError:
    if len(columns) == 1:
        what = f"no value under {columns[0]} can be what that column holds"
        es = f"ningún valor de {columns[0]} puede ser lo que contiene esa columna"
    else:
        what = f"the values under {columns[0]} are those of {columns[1]}, and the other way round"
        es = f"los valores de {columns[0]} son los de {columns[1]}, y al revés"
    return PackageRefusedError(
        f"In {file}, {what}: columns were swapped. Nothing was taken.",
        "Compare the heading with the values below it, and export the file again.",
        es=f"En {file}, {es}: las columnas están cambiadas. No se cargó nada. Compare el "
        "encabezado con los valores y exporte el archivo de nuevo.",
    )
