"""A district's own words for a message, and every version of them that was ever in force."""

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.codes import Channel, Language
from services.chassis.aggregate import Aggregate


class Worded(BaseModel):
    """The words on one channel in one language; the subject is empty in a text."""

    model_config = ConfigDict(frozen=True)

    channel: Channel
    language: Language
    body: str
    subject: str = ""


class DistrictWording(Aggregate):
    """What the district says instead of what comes with Enlace; the id is the template's.

    Attributes:
        parts: those that it words itself; none: all is as it came.
        by: who put it in force.
    """

    COLLECTION: ClassVar[str] = "wordings"

    parts: tuple[Worded, ...]
    by: str
    at: datetime


class PastWording(Aggregate):
    """A version as it was put in force; the id is template and version. It is never changed."""

    COLLECTION: ClassVar[str] = "past_wordings"

    template: str
    number: int
    parts: tuple[Worded, ...]
    by: str
    at: datetime


class WordingTests(Aggregate):
    """When somebody sent tests in the last day; the id is theirs."""

    COLLECTION: ClassVar[str] = "test_sends"

    sent: tuple[datetime, ...] = ()
