"""Why a service cannot start, in one line for whoever operates it, with what to do next.

Never a foreign error's text, which could hold a password or an address; our own say what to do.
"""

from pathlib import Path

from aiokafka.errors import (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from pydantic import ValidationError
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError

from services.chassis import kafka
from services.chassis.privacy import WrongRootKeyError
from services.chassis.settings import ServiceSettings

_UNAUTHORIZED, _WRONG_PASSWORD = 13, 18  # of MongoDB's error codes


class NotStartedError(Exception):
    """A service cannot start.

    Attributes:
        why: what is wrong.
        what_next: what to do about it.
    """

    def __init__(self, why: str, what_next: str) -> None:
        super().__init__(why)
        self.why = why
        self.what_next = what_next


def settings_told(error: ValidationError) -> str:
    """Return which settings are wrong and how, never what was given."""
    lines = []
    for each in error.errors(include_input=False, include_url=False, include_context=False):
        name = "_".join(str(part) for part in each["loc"]).upper()
        prefix = f"ENLACE_{name}: " if name else ""
        lines.append(prefix + each["msg"].removeprefix("Value error, "))
    return "; ".join(lines)


async def told(error: Exception, settings: ServiceSettings) -> NotStartedError:
    """Return what an error at the start means."""
    match error:
        case NotStartedError():
            return error
        case KafkaError():
            return await _kafka(error, settings)
        case PyMongoError():
            return _database(error)
        case OSError() if error.filename is not None:
            return _file(error, settings)
        case _:
            return _other(error)


def _other(error: Exception) -> NotStartedError:
    name = type(error).__name__
    if isinstance(error, WrongRootKeyError):
        return NotStartedError(str(error), "Mount the secret of this installation.")
    if type(error).__module__.startswith("services."):
        return NotStartedError(f"{name}: {error}", "Mend that, then start again.")
    return NotStartedError(f"{name} at the start.", "The lines before this one say where.")


def _file(error: OSError, settings: ServiceSettings) -> NotStartedError:
    file = Path(str(error.filename))
    why = f"{file} cannot be read: {error.strerror}."
    if file.parent == settings.keys_dir:
        return NotStartedError(
            why, f"Put the key {file.name} into the secret that is mounted as ENLACE_KEYS_DIR."
        )
    return NotStartedError(why, "Mount it, or correct the setting that names it.")


def _database(error: PyMongoError) -> NotStartedError:
    if isinstance(error, OperationFailure) and error.code == _WRONG_PASSWORD:
        return NotStartedError(
            "MongoDB refuses this user or password.",
            "Correct the secret behind ENLACE_MONGO_URI, or make the user.",
        )
    if isinstance(error, OperationFailure) and error.code == _UNAUTHORIZED:
        return NotStartedError(
            "MongoDB does not allow this user what the service needs.",
            "Give the user the roles that docs/deploy.md lists for this service.",
        )
    if isinstance(error, ConfigurationError):
        return NotStartedError(
            "ENLACE_MONGO_URI is no connection string that MongoDB's driver takes.",
            "Write it as mongodb://user:password@host:27017/?replicaSet=rs0&authSource=admin",
        )
    return NotStartedError(
        f"MongoDB does not answer ({type(error).__name__}).",
        "See that it runs, and that ENLACE_MONGO_URI names its address and replica set.",
    )


_REFUSED = (
    TopicAuthorizationFailedError,
    GroupAuthorizationFailedError,
    ClusterAuthorizationFailedError,
)


async def _kafka(error: KafkaError, settings: ServiceSettings) -> NotStartedError:
    if isinstance(error, _REFUSED):
        return NotStartedError(
            f"Kafka does not allow this user what the service needs ({type(error).__name__}).",
            "Give the user the rights that docs/deploy.md lists for this service.",
        )
    if isinstance(error, UnknownTopicOrPartitionError):
        return NotStartedError(
            "Kafka lacks a topic that the service reads.",
            "Make the topics that docs/deploy.md lists, or wait for who makes them.",
        )
    said = await kafka.refusal(settings)
    if isinstance(error, AuthenticationFailedError) or said in _NOT_PROVED:
        return NotStartedError(
            f"Kafka refuses this user or password ({said}).",
            "Correct the secret behind ENLACE_KAFKA_PASSWORD, ENLACE_KAFKA_USER and "
            "ENLACE_KAFKA_MECHANISM.",
        )
    return NotStartedError(
        f"Kafka does not answer ({said or type(error).__name__}).",
        "See that it runs, and that ENLACE_KAFKA and ENLACE_KAFKA_PROTOCOL name its listener.",
    )


_NOT_PROVED = {
    "AuthenticationFailedError",
    "SaslAuthenticationFailed",
    "UnsupportedSaslMechanismError",
    "IllegalSaslStateError",
}
