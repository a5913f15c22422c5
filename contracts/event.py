"""The base of all messages."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.topic import Topic


class Part(BaseModel):
    """A structure inside an event. Readers ignore what they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Event(Part):
    """A message on a topic: a fact in the past tense, with opaque ids and codes only.

    A concrete class names its type and topic:

        class ReferralCreated(Event, topic=REFERRALS, type="org.enlace.referral.created.v1"):
    """

    TYPE: ClassVar[str]
    TOPIC: ClassVar[Topic]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Take the class's keywords: they are read once its fields are known, below."""
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(
        cls, *, topic: Topic | None = None, type: str = "", **kwargs: Any
    ) -> None:
        """Enter the class in the registry; two classes of one type are a mistake."""
        super().__pydantic_init_subclass__(**kwargs)
        if topic is None:
            return
        missing = [field for field in topic.key_fields if field not in cls.model_fields]
        if missing:
            raise TypeError(f"{cls.__name__} lacks {missing}, the key of topic {topic.name}")
        if not type:
            raise TypeError(f"{cls.__name__} names a topic and no type")
        if type in _TYPES:
            raise TypeError(f"{type} is already {_TYPES[type].__name__}")
        cls.TYPE, cls.TOPIC = type, topic
        _TYPES[type] = cls

    @property
    def key(self) -> str:
        """The record key: order is kept among all messages of one topic that share it."""
        fields = self.TOPIC.key_fields
        if len(fields) == 1:  # almost all, and asked for every event that is read
            return str(getattr(self, fields[0]))
        return "@".join([getattr(self, field) for field in fields])

    def upcast(self) -> "Event":
        """Return the event in its newest form.

        A class that a `.v2` follows returns one of that class here, so that handlers know the
        newest form alone while topics keep the old one for ever.
        """
        return self


_TYPES: dict[str, type[Event]] = {}


def entered() -> dict[str, type[Event]]:
    """Return the classes entered so far, by type; `contracts.registry` has them all."""
    return _TYPES
