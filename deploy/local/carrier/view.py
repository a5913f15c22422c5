"""What the pages say about a text: words instead of states."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup, escape

from deploy.local.carrier.jobs import Job, Kind, State
from deploy.local.carrier.model import Direction, Message, Status
from deploy.local.carrier.numbers import shown
from deploy.local.carrier.resource import error_text

_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_AFTER_A_LINK = ".,;:!?)]}'»"


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text as the page draws it.

    Attributes:
        kind: CSS class: `us` wrote the family, `them` the product; `way` not here yet, `lost` never
            comes.
        sender: The product's number where it differs from the text's before, else empty.
        state: What happened to it, in words; empty where there is nothing to say.
    """

    sid: str
    kind: str
    sender: str
    body: Markup
    at: datetime
    state: str


def bubbles(messages: list[Message], webhooks: dict[str, list[Job]]) -> list[Bubble]:
    """The conversation, oldest first."""
    found: list[Bubble] = []
    line = ""
    for message in messages:
        ours = message.direction is Direction.INBOUND
        changed = message.line != line
        line = message.line
        state = _handed_over(webhooks[message.sid]) if ours else _arrived(message)
        found.append(
            Bubble(
                sid=message.sid,
                kind="us" if ours else f"them {_place(message.status)}",
                sender=shown(message.line) if changed else "",
                body=with_links(message.body),
                at=local(message.created_at),
                state=state,
            )
        )
    return found


def with_links(text: str) -> Markup:
    """The text with its addresses as links that open beside the phone; everything else escaped."""
    parts: list[Markup] = []
    end = 0
    for match in _LINK.finditer(text):
        url = match[0].rstrip(_AFTER_A_LINK)
        parts.append(escape(text[end : match.start()]))
        parts.append(
            Markup(
                '<a href="{0}" target="_blank" rel="noopener noreferrer">{0}'
                '<span class="sr"> (opens in a new tab)</span></a>'
            ).format(url)
        )
        end = match.start() + len(url)
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def local(at: float) -> datetime:
    """The moment on this machine's wall clock."""
    return datetime.fromtimestamp(at, UTC).astimezone()


def clock_words(offset: float) -> str:
    """How far the product's clock has been moved; empty when it has not."""
    if abs(offset) < 1:
        return ""
    for name, length in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count = round(abs(offset) / length)
        if abs(offset) >= length:
            many = "" if count == 1 else "s"
            return f"{count} {name}{many} {'ahead' if offset > 0 else 'behind'}"
    return ""


def opt_out_note(lines: list[str]) -> str:
    """Which of the product's numbers the phone has answered STOP; empty when none."""
    if not lines:
        return ""
    return (
        f"This phone has answered STOP to {', '.join(shown(line) for line in lines)}. The carrier "
        "refuses texts from there (21610) until it answers START."
    )


def _place(status: Status) -> str:
    if status in {Status.UNDELIVERED, Status.FAILED}:
        return "lost"
    return "here" if status is Status.DELIVERED else "way"


def _arrived(message: Message) -> str:
    match message.status:
        case Status.DELIVERED:
            return ""
        case Status.UNDELIVERED | Status.FAILED:
            code = message.error_code or 30008
            return f"This phone never got it: {error_text(code).lower()} ({code})"
        case _:
            return "On its way"


def _handed_over(jobs: list[Job]) -> str:
    inbound = [job for job in jobs if job.kind is Kind.INBOUND]
    if not inbound:
        return "Sent, but not handed over to anyone"
    worst = min(inbound, key=lambda job: (job.state is State.DONE, job.id))
    if worst.state is State.DONE:
        return "Read by the product"
    if worst.state is State.FAILED:
        return f"Could not be handed over ({worst.attempts} attempts, {worst.last_error})"
    if worst.last_error:
        return f"Not handed over yet ({worst.last_error}); trying again"
    return "Sent"
