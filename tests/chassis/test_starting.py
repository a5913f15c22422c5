"""What an error at the start means to whoever operates the service, and what it never shows."""

import pytest
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from pymongo.errors import ConfigurationError, OperationFailure, ServerSelectionTimeoutError

from services.chassis.privacy import WrongRootKeyError
from services.chassis.settings import ServiceSettings
from services.chassis.starting import told

CASES = [
    (OperationFailure("hunter2", 18), "refuses this user or password"),
    (OperationFailure("hunter2", 13), "does not allow this user what the service needs"),
    (ServerSelectionTimeoutError("hunter2"), "MongoDB does not answer"),
    (ConfigurationError("hunter2"), "no connection string"),
    (TopicAuthorizationFailedError("hunter2"), "does not allow this user"),
    (GroupAuthorizationFailedError("hunter2"), "(GroupAuthorizationFailedError)"),
    (UnknownTopicOrPartitionError("hunter2"), "lacks a topic"),
    (WrongRootKeyError("The root key is another one."), "The root key is another one."),
    (KeyError("hunter2"), "KeyError at the start."),
]


@pytest.mark.parametrize(("error", "words"), CASES, ids=[words for _, words in CASES])
async def test_an_error_at_the_start_is_told_with_what_to_do_and_without_its_text(
    error: Exception, words: str
) -> None:
    found = await told(error, ServiceSettings())
    assert words in found.why
    assert found.what_next
    assert "hunter2" not in found.why + found.what_next


@pytest.mark.parametrize("name", ["root.key", "services.jwks.json"])
async def test_a_key_that_is_missing_is_named_with_the_secret_it_belongs_into(name: str) -> None:
    settings = ServiceSettings()
    error = FileNotFoundError(2, "No such file or directory", str(settings.keys_dir / name))
    found = await told(error, settings)
    assert f"Put the key {name} into the secret" in found.what_next
