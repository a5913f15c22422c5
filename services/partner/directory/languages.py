"""Names of languages, as directories write them, to codes."""

import re
from functools import cache

from babel import Locale

_CODE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ALSO = {
    "chinese (mandarin)": "zh",
    "mandarin": "zh",
    "chinese (cantonese)": "yue",
    "taiwanese": "nan",
    "farsi": "fa",
    "castilian": "es",
    "español": "es",
    "creole": "ht",
    "haitian": "ht",
    "sign language": "ase",
    "asl": "ase",
    "mixteco": "mix",
    "triqui": "trc",
    "mam": "mam",
    "q'anjob'al": "kjb",
}
"""Names that the Unicode locale data does not list under this spelling."""


@cache
def _names() -> dict[str, str]:
    listed = Locale("en").languages
    return {str(name).casefold(): str(code).replace("_", "-") for code, name in listed.items()}


def language_code(name: str) -> str | None:
    """Returns the code of a language by its English name, or None if it has no known one."""
    folded = name.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").casefold().strip()
    return _ALSO.get(folded) or _names().get(folded)


def is_language_code(text: str) -> bool:
    """Whether a text has the form of an ISO 639 or BCP 47 code."""
    return _CODE.fullmatch(text) is not None
