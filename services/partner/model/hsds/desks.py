"""Telephones and languages: what hangs on services, places and organizations alike."""

from collections.abc import Iterable, Sequence
from functools import cache

from babel import Locale

from services.partner.model.hsds.ids import Record, derived, told
from services.partner.model.listing import Telephone, Tongue


def telephones(
    owner: str, id: str, said: Iterable[Telephone], hold: Sequence[str] | None = None
) -> list[Record]:
    """Return the telephones of a record.

    Args:
        owner: the field by which it is named, such as `service_id`.
        id: its id in the export.
        said: what a directory says of them.
        hold: those that stand, in E.164; None: all.
    """
    known = [each for each in said if each.e164 is None or hold is None or each.e164 in hold]
    listed = {each.e164 for each in known}
    bare = [number for number in hold or () if number not in listed]
    return [
        *(_telephone(owner, id, each) for each in known),
        *({"id": derived("phone", id, each), owner: id, "number": each} for each in bare),
    ]


def _telephone(owner: str, of: str, each: Telephone) -> Record:
    id = derived("phone", of, each.id)
    # The standard has a number here: what is none, or would lose its zeros, is said in words.
    figures = each.extension is not None and each.extension.isdecimal()
    exact = figures and str(int(each.extension or "")) == each.extension
    words = f"ext. {each.extension}" if each.extension and not exact else None
    return told(
        {
            "id": id,
            owner: of,
            "number": _number(each),
            "extension": int(each.extension or "") if exact else None,
            "type": each.type,
            "description": ", ".join(one for one in (each.description, words) if one),
            "languages": [tongue("phone_id", id, one) for one in each.languages],
        }
    )


def _number(each: Telephone) -> str:
    """Return it as it was written; one that says its own extension without it, which is told."""
    says_more = any(letter.isalpha() or letter == "#" for letter in each.number)
    return each.e164 if each.e164 and each.extension and says_more else each.number


def languages(owner: str, id: str, codes: Iterable[str], said: Iterable[Tongue]) -> list[Record]:
    """Return the languages of a record: those that stand by code, and those that have none."""
    noted = {each.code: each for each in said if each.code}
    nameless = [each for each in said if each.code is None]
    spoken = [noted.get(code, Tongue(id=code, code=code)) for code in codes]
    return [tongue(owner, id, each) for each in (*spoken, *nameless)]


def tongue(owner: str, of: str, each: Tongue) -> Record:
    """Return a language of a record."""
    return told(
        {
            "id": derived("language", of, each.id),
            owner: of,
            "name": each.name or _name(each.code or ""),
            "code": each.code,
            "note": each.note,
        }
    )


@cache
def _name(code: str) -> str | None:
    names = Locale("en").languages
    return names.get(code.split("-", maxsplit=1)[0])
