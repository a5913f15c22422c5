"""Topics `texted-requests` (owner: notify) and `help-requests` (owner: referral): asking for help.

A request is not a referral yet: a coordinator looks at it first. Its words stand encrypted on the
way from notify to referral, and nowhere else on a topic; what was done about it is on none.
"""

from contracts.code import Code
from contracts.event import Event, Part
from contracts.sealed import Sealed
from contracts.topic import HELP_REQUESTS, TEXTED_REQUESTS


class RequestSource(Code):
    """How somebody asked."""

    STAFF = "staff"
    TEXT = "text"
    PAGE = "page"
    PAPER = "paper"


class Asked(Part):
    """What a request's sealed words hold once opened.

    Attributes:
        words: what is needed, as they said it.
        child: the child as whoever asked named it, where nobody has found its record yet.
        grade: likewise.
        reach: how to reach who asked: a number, a place, an hour.
        asker: name of the member of staff who asked.
    """

    words: str
    child: str | None = None
    grade: str | None = None
    reach: str | None = None
    asker: str | None = None


class HelpTexted(Event, topic=TEXTED_REQUESTS, type="org.enlace.texted-request.received.v1"):
    """Somebody texted the word by which this district's families ask for help, or words of need.

    Attributes:
        help_request: id of the request, made by notify.
        people: ids of the contacts whose number it is, the likeliest first; none where nobody's.
        asked: a sealed `Asked`, under the key of the first of them; where there is none, under a
            key of the request's own in the vault of askers.
        crisis: the words sound like danger, whatever else they ask: a person is to call at once.
    """

    help_request: str
    people: tuple[str, ...]
    asked: Sealed
    crisis: bool | None = None


class HelpRequestReceived(Event, topic=HELP_REQUESTS, type="org.enlace.help-request.received.v1"):
    """Somebody has asked for help; the coordinator has it in her queue.

    Attributes:
        help_request: id of the request.
        source: how they asked.
        person: the contact who is told that it was received; none where nobody can be told.
    """

    help_request: str
    source: RequestSource
    person: str | None = None


class HelpRequestHandled(Event, topic=HELP_REQUESTS, type="org.enlace.help-request.handled.v1"):
    """The coordinator has seen to it; how is told to nobody.

    Attributes:
        help_request: id of the request.
        person: the contact who is told so; none where nobody can be told.
    """

    help_request: str
    person: str | None = None
