"""What is wrong with a field and what to do, in English and in Spanish, for who sent it.

Pydantic's own sentences speak to programmers, and in English alone.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.chassis.closed import one_of
from services.chassis.errors import TwoTonguesError

__all__ = ["TwoTonguesError", "in_spanish", "in_words", "told"]

_DAY = ("Write a date, as 2026-08-24.", "Escriba una fecha, como 2026-08-24.")
_NUMBER = ("Write a whole number.", "Escriba un número entero.")
_TRUE = ("Write true or false.", "Escriba true o false.")
_MOMENT = (
    "Write date and time with the zone, as 2026-08-24T17:30:00-07:00.",
    "Escriba fecha y hora con su zona, como 2026-08-24T17:30:00-07:00.",
)
_HOUR = ("Write an hour, as 17:30.", "Escriba una hora, como 17:30.")
_CHOICE = (
    "This is none of what may be sent: write {expected}.",
    "No es uno de los valores permitidos: {expected}.",
)
_OBJECT = (
    "Write an object with the fields that the documentation lists.",
    "Escriba un objeto con los campos que enumera la documentación.",
)
_LIST = ("Write a list, in square brackets.", "Escriba una lista, entre corchetes.")

_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("This field is missing: fill it in.", "Falta este campo: llénelo."),
    "extra_forbidden": (
        "There is no such field here: leave it out.",
        "Este campo no existe aquí: quítelo.",
    ),
    "string_too_short": (
        "Write at least {min_length} characters.",
        "Escriba al menos {min_length} caracteres.",
    ),
    "string_too_long": (
        "Write {max_length} characters at most.",
        "Escriba como máximo {max_length} caracteres.",
    ),
    "string_pattern_mismatch": (
        "This does not have the form that is expected: the documentation shows it.",
        "No tiene la forma que se espera: la documentación la muestra.",
    ),
    "string_type": ("Write a text, in quotes.", "Escriba un texto, entre comillas."),
    "string_unicode": (
        "This text holds what is no letter: write it anew.",
        "Este texto tiene algo que no es una letra: escríbalo de nuevo.",
    ),
    "too_long": (
        "These are too many: {max_length} at most.",
        "Son demasiados: como máximo {max_length}.",
    ),
    "too_short": (
        "These are too few: {min_length} at least.",
        "Son muy pocos: al menos {min_length}.",
    ),
    "greater_than_equal": ("It must be {ge} or more.", "Debe ser {ge} o más."),
    "less_than_equal": ("It must be {le} or less.", "Debe ser {le} o menos."),
    "greater_than": ("It must be more than {gt}.", "Debe ser más que {gt}."),
    "less_than": ("It must be less than {lt}.", "Debe ser menos que {lt}."),
    "int_parsing": _NUMBER,
    "int_type": _NUMBER,
    "int_from_float": _NUMBER,
    "float_parsing": ("Write a number.", "Escriba un número."),
    "float_type": ("Write a number.", "Escriba un número."),
    "bool_parsing": _TRUE,
    "bool_type": _TRUE,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "date_parsing": _DAY,
    "date_type": _DAY,
    "time_parsing": _HOUR,
    "time_type": _HOUR,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_type": _MOMENT,
    "timezone_aware": _MOMENT,
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "model_attributes_type": _OBJECT,
    "model_type": _OBJECT,
    "dict_type": _OBJECT,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "json_invalid": ("What was sent is no JSON.", "Lo que se envió no es JSON."),
}
"""By pydantic's type of fault; the words in braces are what it says of it."""

_LISTED = re.compile(r",? or |, ")

_ANYTHING = (
    "This value cannot be used: correct it as the documentation shows.",
    "Este valor no se puede usar: corríjalo como muestra la documentación.",
)


def in_words(fault: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is wrong with a field and what to do, in English and in Spanish."""
    context = fault.get("ctx") or {}
    raised = context.get("error")
    if isinstance(raised, TwoTonguesError):
        return str(raised), raised.es
    english, spanish = _WORDS.get(str(fault.get("type")), _ANYTHING)
    try:
        return english.format_map(context), spanish.format_map(_spanish(context))
    except KeyError:
        return _ANYTHING


def _spanish(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what pydantic says of a fault; its lists are English: `'a', 'b' or 'c'`."""
    if "expected" not in context:
        return context
    return {**context, "expected": one_of(_LISTED.split(str(context["expected"])), "o")}


def in_spanish(fault: Mapping[str, Any]) -> str:
    """Return it in Spanish."""
    return in_words(fault)[1]


def told(faults: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the `fields` of a problem: which, and what to do, in both languages."""
    words = [(fault["loc"], *in_words(fault)) for fault in faults]
    return [
        {"field": ".".join(map(str, at)), "what": english, "what_es": spanish}
        for at, english, spanish in words
    ]
