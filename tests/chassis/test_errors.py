"""Every refusal speaks English and Spanish; the types see to all but the names of things."""

import ast
from pathlib import Path

from services.chassis.errors import THINGS_ES, unknown

_SERVICES = Path(__file__).parents[2] / "services"


def test_whatever_can_be_unknown_has_a_spanish_name() -> None:
    named = {
        call.args[0].value
        for path in _SERVICES.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "unknown"
        and len(call.args) == 1
        and isinstance(call.args[0], ast.Constant)
    }
    assert len(named) > 20
    assert named <= set(THINGS_ES), "add these to THINGS_ES"


def test_what_is_not_found_says_so_in_both() -> None:
    error = unknown("follow-up")
    assert error.detail == "There is no such follow-up here. Check the address."
    assert error.es == "No se encontró aquí: seguimiento. Revise la dirección."
