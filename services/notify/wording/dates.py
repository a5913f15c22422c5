"""Days and hours as their readers write and say them, at their own place."""

from datetime import datetime

from babel.dates import format_date, format_time

from contracts.codes import Language
from services.notify.model.hours import place
from services.notify.model.segments import is_gsm7
from services.notify.wording.grammar import locale_of

_LONG = {Language.SPANISH: "EEEE d 'de' MMMM", Language.ENGLISH: "EEEE, MMMM d"}
_SHORT = {Language.SPANISH: "EEEE d 'de' MMMM", Language.ENGLISH: "EEE, MMM d"}
_BARE = {Language.SPANISH: "d 'de' MMMM", Language.ENGLISH: "MMM d"}

_NOON, _EVENING = 12, 19


def day(at: datetime, language: Language, zone: str, *, in_text: bool) -> str:
    """Return a day, as `jueves 26 de noviembre`; in a text as short as it can be.

    In a text *sábado* would turn everything into the long alphabet and double what it costs: there
    the date stands alone.
    """
    local, locale = at.astimezone(place(zone)), locale_of(language)
    patterns = _SHORT if in_text else _LONG
    shown = format_date(local, patterns.get(language, "EEE, MMM d"), locale=locale)
    if in_text and not is_gsm7(shown):
        return format_date(local, _BARE.get(language, "MMM d"), locale=locale)
    return shown


def hour(at: datetime, language: Language, zone: str) -> str:
    """Return a time of day, as `las 3:30 de la tarde`, `la 1:00 de la tarde` or `3:30 PM`.

    Spanish says it as people do: `p. m.` is written with a space that no text can carry.
    """
    local = at.astimezone(place(zone))
    if language is Language.SPANISH:
        part = "mañana" if local.hour < _NOON else "tarde" if local.hour < _EVENING else "noche"
        article = "la" if local.hour % _NOON == 1 else "las"
        return f"{article} {format_time(local, 'h:mm', locale=locale_of(language))} de la {part}"
    return format_time(local, "h:mm a", locale=locale_of(language)).replace("\u202f", " ")
