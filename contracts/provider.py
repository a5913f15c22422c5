"""Ids that tell who helps a child: sealed wherever an event stands outside a service.

A restricted need is withheld from topics by its category; the id of the one service for it, or of
its agency, would tell it all the same. They are sealed for every referral, whatever it is about:
nothing then depends on somebody's remembering, and a sealed id tells nothing by being sealed.
"""

from typing import Annotated, Any, NamedTuple, Protocol

from pydantic import AfterValidator, PlainSerializer, SerializationInfo, ValidationInfo

SEALED_MARK = "~"
"""What a sealed id begins with; an id in clear never does."""

_CONTEXT = "provider-ids"


class ProviderIds(Protocol):
    """Seals and opens ids for events of one key, so that a sealed one fits no other referral."""

    def seal(self, id: str, key: str) -> str:
        """Return the id as an event of this key carries it, marked."""
        ...

    def open(self, sealed: str, key: str) -> str:
        """Return the id.

        Raises:
            ValueError: it was not sealed by this installation for an event of this key.
        """
        ...


class _Use(NamedTuple):
    ids: ProviderIds
    key: str


def use(ids: ProviderIds, key: str) -> dict[str, Any]:
    """Return pydantic's context with which an event of a key is written or read."""
    return {_CONTEXT: _Use(ids, key)}


def _opened(id: str, info: ValidationInfo) -> str:
    if not id.startswith(SEALED_MARK):
        return id
    if not (info.context and _CONTEXT in info.context):
        raise ValueError("a sealed id, and no key to open it")
    wanted: _Use = info.context[_CONTEXT]
    return wanted.ids.open(id, wanted.key)


def _sealed(id: str, info: SerializationInfo) -> str:
    if not (info.context and _CONTEXT in info.context):
        return id
    wanted: _Use = info.context[_CONTEXT]
    return wanted.ids.seal(id, wanted.key)


ProviderId = Annotated[
    str, AfterValidator(_opened), PlainSerializer(_sealed, return_type=str, when_used="json")
]
"""The id of a service or an agency in an event: in clear within a service, sealed on topics."""
