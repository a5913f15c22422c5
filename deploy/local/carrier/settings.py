"""What is given at the start, and what can be changed while it runs."""

import sqlite3
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, TypeAdapter, field_validator

from deploy.local.carrier.numbers import is_sender

Seconds = Annotated[float, Field(ge=0, le=86_400)]
_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)

DEFAULT_NUMBER = "+15005550006"


def is_http_url(url: str) -> bool:
    """Whether it is an http or https address."""
    try:
        _URL.validate_python(url)
    except ValueError:
        return False
    return True


class Settings(BaseModel):
    """What can be changed while it runs; kept over a restart.

    Attributes:
        inbound_url: Where the family's texts are handed over; None when nowhere.
        latency_seconds: From queued to sent, and again from sent to the outcome.
        retry_seconds: How long to wait before each further attempt of a failed webhook.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    inbound_url: str | None = None
    latency_seconds: Annotated[float, Field(ge=0, le=3600)] = 0.5
    retry_seconds: Annotated[tuple[Seconds, ...], Field(max_length=20)] = (1, 5, 30, 120)

    @field_validator("inbound_url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is not None and not is_http_url(url):
            raise ValueError("must be an http or https address")
        return url


class Options(BaseModel):
    """What is given at the start.

    Attributes:
        home: Folder of the database.
        account_sid: Twilio's `AC` and 32 hexadecimal digits.
        auth_token: Password of the API, and key of the signatures.
        numbers: The product's numbers. The first one sends for the messaging service, all of them
            share its opt-outs. When none are given, any sender is taken.
        service_sid: The messaging service; when none is given, any is taken.
        settings: Those that override what was kept.
        clock_file: Where the product's clock keeps its offset.
        keep: How many texts are kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path
    account_sid: Annotated[str, Field(pattern=r"^AC[0-9a-fA-F]{32}$")]
    auth_token: Annotated[SecretStr, Field(min_length=1)]
    numbers: tuple[str, ...] = ()
    service_sid: Annotated[str, Field(pattern=r"^MG[0-9a-fA-F]{32}$")] | None = None
    settings: dict[str, object] = {}
    clock_file: Path | None = None
    keep: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000

    @field_validator("numbers")
    @classmethod
    def _are_senders(cls, numbers: tuple[str, ...]) -> tuple[str, ...]:
        for number in numbers:
            if not is_sender(number):
                raise ValueError(f"{number} is not a phone number (+14155550100) or short code")
        return numbers

    @property
    def pool(self) -> tuple[str, ...]:
        """The numbers of the messaging service."""
        return self.numbers or (DEFAULT_NUMBER,)


class SettingsBook:
    """The settings in force, kept in SQLite.

    Args:
        connection: The simulator's one connection.
        overrides: Fields given at the start; they win over what was kept.
    """

    def __init__(self, connection: sqlite3.Connection, overrides: dict[str, object]) -> None:
        self._connection = connection
        row = connection.execute("SELECT value FROM settings WHERE name = 'settings'").fetchone()
        kept = Settings() if row is None else Settings.model_validate_json(row["value"])
        self.current = kept
        self.change(overrides)

    def change(self, fields: dict[str, object]) -> Settings:
        """Replace these fields and keep the others.

        Raises:
            pydantic.ValidationError: A value is not allowed; nothing was changed.
        """
        self.current = Settings.model_validate(self.current.model_dump() | fields)
        self._connection.execute(
            "INSERT INTO settings (name, value) VALUES ('settings', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (self.current.model_dump_json(),),
        )
        return self.current
