"""Grades as school systems write them, in their order."""

BEFORE, KINDERGARTEN, LAST = -1, 0, 12
_NAMES = {
    **dict.fromkeys(("PK", "PS", "P3", "P4", "PREK", "PRE-K", "TK"), BEFORE),
    **dict.fromkeys(("KG", "K", "KN", "00"), KINDERGARTEN),
}


def place_of(grade: str | None) -> int | None:
    """Return a grade's place: -1 before kindergarten, 0, 1 to 12; None for another code."""
    text = (grade or "").strip().upper()
    if text in _NAMES:
        return _NAMES[text]
    if text.isascii() and text.isdigit() and 1 <= int(text) <= LAST:
        return int(text)
    return None
