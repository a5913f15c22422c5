"""Encrypted values, as they stand in documents and events."""

import base64
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Sealed(str):
    """Ciphertext under one person's data key, in base64. Nothing but the vault can read it.

    Destroying the key makes every copy unreadable, in databases, event logs and topics alike.
    """

    __slots__ = ()

    @classmethod
    def of(cls, ciphertext: bytes) -> Self:
        """Wrap the bytes that the vault made."""
        return cls(base64.b64encode(ciphertext).decode("ascii"))

    def ciphertext(self) -> bytes:
        """Return the bytes for the vault.

        Raises:
            binascii.Error: the text is not base64.
        """
        return base64.b64decode(self, validate=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Take a base64 string and keep the class."""
        text = core_schema.str_schema(pattern=r"^[A-Za-z0-9+/]+={0,2}$")
        return core_schema.no_info_after_validator_function(cls, text)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe it as an encoded string."""
        return {"type": "string", "contentEncoding": "base64", "title": "Sealed"}
