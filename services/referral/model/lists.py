"""What holds for every list that a district keeps: kinds of need, languages, reasons.

A code stands in records, events and tables for good. So an entry is never taken away: it is
retired, after which it is offered no more, and what has it keeps it. Each has a name in English
and Spanish, by which people tell it from the others.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, TypeVar

from pydantic import StringConstraints

from contracts.categories import Names
from services.chassis.errors import TwoTonguesError, rule
from services.chassis.listed import DistrictList, Entry
from services.referral.model.part import Part

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]
E = TypeVar("E", bound=Entry)


class TwoNames(Part):
    """What something is called, as it stands in the middle of a sentence."""

    en: Name
    es: Name

    @property
    def told(self) -> Names:
        """The same, as events carry it."""
        return Names(en=self.en, es=self.es)


def place_of(listing: str, at: int, code: str) -> str:
    """Return how an entry is named in a refusal."""
    return f"{listing}.{at} ({code})"


def need_names(place: str, names: TwoNames | None, *, shipped: bool) -> None:
    """Pass an entry whose name is known.

    Raises:
        TwoTonguesError: it is the district's own and has none.
    """
    if names is None and not shipped:
        raise TwoTonguesError(
            f"{place} does not come with Enlace, so it needs its names: write "
            "names: {en: …, es: …}",
            f"{place} no viene con Enlace, así que necesita sus nombres: escriba "
            "names: {en: …, es: …}",
        )


def need_once(listing: str, given: Sequence[str]) -> None:
    """Pass codes, or other marks, of which none stands twice.

    Raises:
        TwoTonguesError: one does.
    """
    if twice := [each for each, times in Counter(given).items() if times > 1]:
        raise TwoTonguesError(
            f"{listing} has {twice[0]} twice: make the two one, or take one out",
            f"{listing} tiene {twice[0]} dos veces: una las dos entradas, o quite una",
        )


def need_told_apart(listing: str, entries: Iterable[Entry]) -> None:
    """Pass entries that people can tell from each other in both languages.

    Raises:
        TwoTonguesError: two have one name.
    """
    named = [each.names for each in entries]
    for language in ("en", "es"):
        called = Counter(getattr(names, language).casefold() for names in named)
        if same := [name for name, times in called.items() if times > 1]:
            raise TwoTonguesError(
                f"{listing} has two called {same[0]} ({language}), and nobody could tell them "
                "apart: rename one, or retire it",
                f"{listing} tiene dos entradas con el nombre {same[0]} ({language}), y nadie "
                "podría distinguirlas: cambie el nombre de una, o retírela",
            )


def need_kept(listing: str, slug: str, before: DistrictList[E], after: DistrictList[E]) -> None:
    """Pass a change that takes no code away that records may name.

    Raises:
        EnlaceError: one is gone.
    """
    gone = [str(each.code) for each in before.all if after.get(each.code) is None]
    if gone:
        raise rule(
            slug,
            f"{listing} no longer has {', '.join(gone)}, and records may name it. Nothing was "
            "changed: keep it, with retired: true if it is to be offered no more.",
            es=f"{listing} ya no tiene {', '.join(gone)}, y puede haber expedientes que lo "
            "nombren. No se cambió nada: consérvelo, con retired: true si ya no se debe ofrecer.",
        )
