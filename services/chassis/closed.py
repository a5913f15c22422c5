"""Lists of codes are open for who reads and closed for who sends.

`contracts.code.Code` keeps a code that a later release wrote; a code that somebody sends and that
nobody here knows is a slip of the pen, and would be taken as *other* by everything that goes by it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from contracts.code import MAX_DISTRICT_CODE, Code, DistrictCode
from services.chassis.errors import TwoTonguesError

T = TypeVar("T")


def codes_in(value: Any) -> Iterator[Code]:
    """Yield the codes in a value, and in the tuples, lists, sets and mappings that it holds."""
    if isinstance(value, Code):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from codes_in(key)
            yield from codes_in(each)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from codes_in(each)


def need_listed(value: T) -> T:
    """Return a value whose codes are all known here.

    Raises:
        TwoTonguesError: one is not; it says what may be sent.
    """
    for code in codes_in(value):
        if not code.listed:
            may = [each.value for each in type(code)]
            if isinstance(code, DistrictCode):
                raise TwoTonguesError(
                    f"this is no code: write {one_of(may, 'or')}, or your district's own, in small "
                    f"letters, figures and hyphens, {MAX_DISTRICT_CODE} at most",
                    f"esto no es un código: escriba {one_of(may, 'o')}, o uno propio de su "
                    "distrito, en minúsculas sin acentos, cifras y guiones, "
                    f"{MAX_DISTRICT_CODE} como máximo",
                )
            raise TwoTonguesError(
                f"this code is not known here: write {one_of(may, 'or')}",
                f"este código no se conoce aquí: escriba {one_of(may, 'o')}",
            )
    return value


def one_of(values: Sequence[str], last: str) -> str:
    """Return `a, b or c`; in Spanish `o` is `u` before its own sound, as `y` is `e`."""
    for sound, (word, before) in _SOFTENED.items():
        if last == sound and before.match(values[-1]):
            last = word
    return f" {last} ".join(filter(None, [", ".join(values[:-1]), values[-1]]))


_SOFTENED = {
    "o": ("u", re.compile(r"\W*(?:h?[oó]|8)", re.IGNORECASE)),
    "y": ("e", re.compile(r"\W*h?[ií](?!e)", re.IGNORECASE)),
}
