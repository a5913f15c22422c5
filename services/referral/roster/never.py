"""What a roster may bring and Enlace never holds.

Birthplace, immigration status, social-security numbers, passwords, and what a referral has no need
to know (sex, race, ethnicity, religion) are dropped before any record is made of a row. A child's
record that does not hold them cannot give them away.
"""

import re

_ANYWHERE = (
    "birthplace",
    "birthcity",
    "birthstate",
    "birthcountry",
    "birthcounty",
    "placeofbirth",
    "cityofbirth",
    "stateofbirth",
    "countryofbirth",
    "socialsecurity",
    "immigra",
    "citizen",
    "nationality",
    "passport",
    "visastatus",
    "visatype",
    "dateofentry",
    "entryintous",
    "password",
    "passwd",
    "ethnic",
    "hispanic",
    "gender",
    "religion",
)
_AS_A_WORD = frozenset({"ssn", "sex", "race", "races", "visa", "alien"})
_FLAG_ANYWHERE = (
    "migra",
    "refugee",
    "asyl",
    "undocumented",
    "daca",
    "citizen",
    "foreignborn",
    "newcomer",
    "visa",
)
_SOCIAL_SECURITY = re.compile(r"\d{3}-\d{2}-\d{4}")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def is_value_never_kept(value: str) -> bool:
    """Whether a value has the shape of a social-security number, in whatever column it stands."""
    return _SOCIAL_SECURITY.fullmatch(value) is not None


def is_never_kept(column: str) -> bool:
    """Whether a column, by its name, holds what must not be stored.

    Understands `birthCity`, `BIRTH_CITY` and `Birth city` alike. A name in doubt counts as one.
    """
    squeezed = re.sub(r"[\W_]", "", column).casefold()
    words = {word.casefold() for word in _WORDS.findall(column)}
    return any(part in squeezed for part in _ANYWHERE) or not _AS_A_WORD.isdisjoint(
        words | {squeezed}
    )


def is_flag_never_kept(flag: str) -> bool:
    """Whether a flag on a student tells, or hints at, where the family comes from."""
    squeezed = re.sub(r"[\W_]", "", flag).casefold()
    return any(part in squeezed for part in _FLAG_ANYWHERE)
