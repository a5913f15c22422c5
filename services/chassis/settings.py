"""Settings of a service, read once in its composition root and passed on. Nothing is global."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Role(StrEnum):
    """What a process does: answers HTTP, works on events and due times, or both."""

    API = "api"
    WORKER = "worker"
    ALL = "all"

    @property
    def serves(self) -> bool:
        """Whether it answers the service's HTTP API."""
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        """Whether it relays, consumes and sweeps."""
        return self is not Role.API


class ServiceSettings(BaseSettings):
    """What every service is told. Environment variables start with `ENLACE_`.

    Attributes:
        cell: the district's installation; prefix of its topics (`cell.`) and databases (`cell_`).
        keys_dir: `root.key` (96 bytes), `link.key`, `provider.key`, `services.jwks.json` and this
            service's `<service>.pem`.
        clock_file: the movable clock of a local system; None elsewhere.
        sites_file: the district's schools, see `services.chassis.sites`.
        issuer: the OpenID provider whose access tokens are taken.
        public_url: where a person reaches the portal; links in messages start with it.
    """

    model_config = SettingsConfigDict(
        env_prefix="ENLACE_", extra="ignore", hide_input_in_errors=True
    )

    role: Role = Role.ALL
    cell: str = Field(default="enlace", pattern=r"^[a-z][a-z0-9]{0,31}$")
    host: str = "127.0.0.1"
    port: int = 8080
    kafka: str = "127.0.0.1:9092"
    mongo_uri: SecretStr = SecretStr("mongodb://127.0.0.1:27017/?replicaSet=rs0")
    keys_dir: Path = Path("keys")
    clock_file: Path | None = None
    sites_file: Path | None = None
    issuer: str = "http://127.0.0.1:8405"
    public_url: str = "http://127.0.0.1:8400"
    referral_url: str = "http://127.0.0.1:8401"
    partner_url: str = "http://127.0.0.1:8402"
    notify_url: str = "http://127.0.0.1:8403"
    reporting_url: str = "http://127.0.0.1:8404"
    otlp_endpoint: str | None = None
    log_level: str = "info"
    zone: str = "America/Los_Angeles"

    def topic(self, name: str) -> str:
        """Return a topic's full name in this cell."""
        return f"{self.cell}.{name}"

    def database(self, name: str) -> str:
        """Return a database's full name in this cell."""
        return f"{self.cell}_{name}"
