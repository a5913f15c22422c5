"""Grades as school systems write them, in their order."""

BEFORE, KINDERGARTEN, LAST = -1, 0, 12
_NAMES = {
    **dict.fromkeys(("PK", "PS", "P3", "P4", "PREK", "PRE-K", "TK"), BEFORE),
    **dict.fromkeys(("KG", "K", "KN", "00"), KINDERGARTEN),
}


_WITHOUT_PLACE = frozenset({"UG", "OTHER", "IT", "PR"})
"""Codes of the standard's list that are no step of the way: ungraded, another, before school."""

IN_WORDS = ("PK, TK, KG, 1 to 12, or UG", "PK, TK, KG, de 1 a 12, o UG")
"""What may be written, in English and Spanish."""


def is_grade(text: str) -> bool:
    """Tell whether it is the code of a grade, also of one that has no place among the others."""
    return place_of(text) is not None or text.strip().upper() in _WITHOUT_PLACE


def place_of(grade: str | None) -> int | None:
    """Return a grade's place: -1 before kindergarten, 0, 1 to 12; None for another code."""
    text = (grade or "").strip().upper()
    if text in _NAMES:
        return _NAMES[text]
    if text.isascii() and text.isdigit() and 1 <= int(text) <= LAST:
        return int(text)
    return None
