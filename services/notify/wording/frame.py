"""What stands around the words of a message: who speaks, the greeting, and how to stop."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from contracts.codes import Language
from services.notify.model.segments import count_parts
from services.notify.wording.grammar import fill
from services.notify.wording.source import FOLDER, Signer

MOST_PARTS = {Language.ENGLISH: 1, Language.SPANISH: 2}
"""How many parts a text is to take; Spanish is a quarter longer, and its accents cost."""

_PART = re.compile(r"^## (\S+) (\S+)\n", re.MULTILINE)
_FORMS = (("sign", "stop"), ("sign-short", "stop"), ("sign-short", "stop-short"))
_SHORTEST = ("sign-school", "stop-short")


@cache
def frame(name: str, language: Language) -> str:
    """Return a piece of `_frame.md`."""
    _, *found = _PART.split((FOLDER / "_frame.md").read_text(encoding="utf-8"))
    pieces = zip(found[::3], found[1::3], found[2::3], strict=True)
    return next(words.strip() for *key, words in pieces if key == [name, language])


def text_forms(
    body: str, language: Language, values: Mapping[str, Any], signer: Signer, *, stop: bool
) -> list[str]:
    """Return a text in its forms, the one that says most first.

    Who speaks and how to stop can be said shorter: a long name costs no second part.
    """
    forms = []
    for sign, end in (*_FORMS, _SHORTEST):
        pieces = [body]
        if signer is Signer.COORDINATOR:
            pieces.insert(0, fill(frame(sign, language), language, values))
        if stop:
            pieces.append(frame(end, language))
        forms.append(" ".join(" ".join(pieces).split()))
    return forms


def best_form(forms: list[str], language: Language) -> int:
    """Return which form is sent: the first that takes few parts; else the first of the fewest."""
    parts = [count_parts(each) for each in forms]
    most = MOST_PARTS.get(language, 1)
    return next((at for at, each in enumerate(parts) if each <= most), parts.index(min(parts)))


def letter(body: str, language: Language, values: Mapping[str, Any], signer: Signer) -> str:
    """Return a mail's words with greeting and signature."""
    if signer is Signer.NOBODY:
        return body.strip() + "\n"
    if signer is Signer.COORDINATOR:
        body = f"{fill(frame('sign', language), language, values)}\n{body}"
    named = [values["coordinator"], values["school"], values["phone"]]
    close = [frame("close", language), *(["Enlace"] if signer is Signer.ENLACE else [])]
    close += [each for each in named if each]
    greeting = fill(frame("greeting", language), language, values)
    return f"{greeting}\n\n{body.strip()}\n\n" + "\n".join(close) + "\n"
