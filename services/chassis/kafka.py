"""How a client proves itself to Kafka and checks whom it talks to, in both libraries' words."""

import ssl
from collections.abc import Callable, Mapping
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from services.chassis.settings import ServiceSettings

_SASL: Mapping[str, Callable[..., BaseSecurity]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}

_ASK_MS = 5_000


def client_security(settings: ServiceSettings) -> dict[str, Any]:
    """Return an aiokafka client's keyword arguments; none where the broker asks for nothing."""
    if settings.kafka_protocol == "PLAINTEXT":
        return {}
    found: dict[str, Any] = {
        "security_protocol": settings.kafka_protocol,
        "ssl_context": _tls(settings),
    }
    if settings.kafka_sasl is not None:
        user, password = settings.kafka_sasl
        found |= {
            "sasl_mechanism": settings.kafka_mechanism,
            "sasl_plain_username": user,
            "sasl_plain_password": password,
        }
    return found


def broker_security(settings: ServiceSettings) -> BaseSecurity | None:
    """Return the same for a FastStream broker."""
    if settings.kafka_protocol == "PLAINTEXT":
        return None
    tls = _tls(settings)
    if settings.kafka_sasl is None:
        return BaseSecurity(ssl_context=tls)
    user, password = settings.kafka_sasl
    return _SASL[settings.kafka_mechanism](user, password, ssl_context=tls, use_ssl=tls is not None)


async def refusal(settings: ServiceSettings) -> str | None:
    """Ask each broker for a connection, and return what the last one said; None where one takes us.

    A client only says that it could not begin: why, it leaves to its log.
    """
    said: str | None = None
    for place in settings.kafka.split(","):
        host, _, port = place.strip().rpartition(":")
        try:
            connection = await create_conn(
                host, int(port), request_timeout_ms=_ASK_MS, **client_security(settings)
            )
        except (KafkaError, OSError, TimeoutError, ValueError) as error:
            said = type(error).__name__
        else:
            connection.close()
            return None
    return said


def _tls(settings: ServiceSettings) -> ssl.SSLContext | None:
    if "SSL" not in settings.kafka_protocol.split("_"):
        return None
    ca = settings.kafka_ca_file
    return ssl.create_default_context(cafile=None if ca is None else str(ca))
