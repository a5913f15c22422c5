"""Settings of a service, read once in its composition root and passed on. Nothing is global."""

from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Role(StrEnum):
    """What a process does: answers HTTP, works on events and due times, or both.

    `PREPARE` makes what the others find at their start (indexes, key vaults, topics) and ends: for
    a release that is not let in before its indexes are built.
    """

    API = "api"
    WORKER = "worker"
    ALL = "all"
    PREPARE = "prepare"

    @property
    def serves(self) -> bool:
        """Whether it answers the service's HTTP API."""
        return self in {Role.API, Role.ALL}

    @property
    def works(self) -> bool:
        """Whether it relays, consumes and sweeps."""
        return self in {Role.WORKER, Role.ALL}


class ServiceSettings(BaseSettings):
    """What every service is told. Environment variables start with `ENLACE_`.

    Attributes:
        cell: the district's installation; prefix of its topics (`cell.`) and databases (`cell_`).
        keys_dir: `root.key` (96 bytes), `link.key`, `provider.key`, `services.jwks.json` and this
            service's `<service>.pem`.
        kafka_protocol: how brokers are reached, in Kafka's own words.
        kafka_mechanism: how the user is proved where the protocol has SASL.
        kafka_ca_file: who signed the brokers' certificates (PEM); None: who the system trusts.
        mongo_ca_file: the same of the database; the connection string then says `tls=true`.
        topic_replicas: copies of each topic that preparing makes; None where somebody else makes
            the topics, such as an operator of Kafka.
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
    kafka_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_user: str | None = None
    kafka_password: SecretStr | None = None
    kafka_ca_file: Path | None = None
    mongo_uri: SecretStr = SecretStr("mongodb://127.0.0.1:27017/?replicaSet=rs0")
    mongo_ca_file: Path | None = None
    topic_replicas: int | None = Field(default=None, ge=1, le=7)
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

    @model_validator(mode="after")
    def _proves_itself(self) -> Self:
        if self.kafka_protocol.startswith("SASL") and self.kafka_sasl is None:
            raise ValueError(
                f"ENLACE_KAFKA_PROTOCOL is {self.kafka_protocol}: set ENLACE_KAFKA_USER and "
                "ENLACE_KAFKA_PASSWORD too"
            )
        return self

    @property
    def kafka_sasl(self) -> tuple[str, str] | None:
        """User and password at Kafka; None where none is used."""
        if not self.kafka_protocol.startswith("SASL"):
            return None
        if not self.kafka_user or self.kafka_password is None:
            return None
        return self.kafka_user, self.kafka_password.get_secret_value()

    def topic(self, name: str) -> str:
        """Return a topic's full name in this cell."""
        return f"{self.cell}.{name}"

    def database(self, name: str) -> str:
        """Return a database's full name in this cell."""
        return f"{self.cell}_{name}"
