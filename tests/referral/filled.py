"""Makes a record with every field filled, whatever fields it has or will have."""

from datetime import UTC, date, datetime, time
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from contracts.sealed import Sealed
from services.chassis.privacy import Vault

NOON = datetime(2026, 10, 13, 19, 0, tzinfo=UTC)


class Filler:
    """Fills records of one student; a sealed text says which field it is."""

    def __init__(self, vault: Vault, student: str, fixed: dict[str, Any]) -> None:
        self._vault, self._student, self._fixed = vault, student, fixed

    async def fill(self, kind: type[BaseModel], *, root: str = "", **given: Any) -> Any:
        """Return a record; `given` and what was fixed by a field's name are taken as they are."""
        root = root or kind.__name__
        values: dict[str, Any] = {}
        for name, field in kind.model_fields.items():
            if name in given:
                values[name] = given[name]
            elif name in self._fixed:
                values[name] = self._fixed[name]
            else:
                values[name] = await self._value(field.annotation, f"{root}.{name}")
        return kind.model_validate(values)

    async def _value(self, kind: Any, path: str) -> Any:  # noqa: PLR0911 - one for each type
        origin, inner = get_origin(kind), get_args(kind)
        if origin is tuple:
            return (await self._value(inner[0], path),)
        if origin is dict:
            return {"a": "b"}
        if inner:  # a union with None, or one that is annotated
            return await self._value(next(each for each in inner if each is not NoneType), path)
        if kind is Sealed:
            return await self._vault.seal(self._student, path)
        if not isinstance(kind, type):
            return kind  # one of the values of a Literal
        if issubclass(kind, Enum):
            return next(iter(kind))
        if issubclass(kind, BaseModel):
            return await self.fill(kind, root=path)
        simple = {bool: True, int: 1, date: date(2026, 10, 13), datetime: NOON, time: time(9)}
        return simple.get(kind, path[-36:])
