"""What is wrong with a field, in Spanish: pydantic writes English alone."""

from collections.abc import Mapping
from typing import Any

from services.chassis.errors import TwoTonguesError

__all__ = ["TwoTonguesError", "in_spanish"]

_SPANISH = {
    "missing": "Falta este campo.",
    "extra_forbidden": "Este campo no existe aquí: quítelo.",
    "string_too_short": "Escriba al menos {min_length} caracteres.",
    "string_too_long": "Escriba como máximo {max_length} caracteres.",
    "string_pattern_mismatch": "No tiene la forma que se espera.",
    "string_type": "Escriba un texto.",
    "too_long": "Son demasiados: como máximo {max_length}.",
    "too_short": "Son muy pocos: al menos {min_length}.",
    "greater_than_equal": "Debe ser {ge} o más.",
    "less_than_equal": "Debe ser {le} o menos.",
    "greater_than": "Debe ser más que {gt}.",
    "less_than": "Debe ser menos que {lt}.",
    "int_parsing": "Escriba un número entero.",
    "int_type": "Escriba un número entero.",
    "bool_parsing": "Escriba true o false.",
    "bool_type": "Escriba true o false.",
    "date_from_datetime_parsing": "Escriba una fecha, como 2026-08-24.",
    "date_parsing": "Escriba una fecha, como 2026-08-24.",
    "date_type": "Escriba una fecha, como 2026-08-24.",
    "time_parsing": "Escriba una hora, como 17:30.",
    "datetime_parsing": "Escriba fecha y hora, como 2026-08-24T17:30:00Z.",
    "enum": "No es uno de los valores permitidos: {expected}.",
    "literal_error": "No es uno de los valores permitidos: {expected}.",
    "json_invalid": "Lo que se envió no es JSON.",
}
"""By pydantic's type of fault; the words in braces are what it says of it."""


def in_spanish(fault: Mapping[str, Any]) -> str:
    """Return what is wrong with a field; what a validator of ours says may hold both languages."""
    context = fault.get("ctx") or {}
    raised = context.get("error")
    if isinstance(raised, TwoTonguesError):
        return raised.es
    text = _SPANISH.get(str(fault.get("type")))
    if text is None:
        return "Este valor no se puede usar: corríjalo."
    try:
        return text.format_map(context)
    except KeyError:
        return "Este valor no se puede usar: corríjalo."
