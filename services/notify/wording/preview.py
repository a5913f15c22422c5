"""Messages as they would go out, with the shortest and the longest values that are real."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from contracts.codes import Channel, Language
from services.notify.model.segments import count_parts
from services.notify.wording import compose, samples
from services.notify.wording.frame import best_form
from services.notify.wording.html import page
from services.notify.wording.source import Source


class Size(StrEnum):
    """With which values."""

    SHORTEST = "shortest"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class Example:
    """A message, written.

    Attributes:
        subject: of a mail.
        parts: of a text; 0 of a mail.
        html: of a mail, as a page.
    """

    channel: Channel
    language: Language
    size: Size
    subject: str
    body: str
    parts: int
    html: str = ""


def examples(source: Source) -> Iterator[Example]:
    """Yield a message on each of its channels, in each of its languages, short and long.

    The long text is the first one that somebody gets, and so says how to stop.
    """
    for channel, language in source.parts:
        for size in Size:
            longest = size is Size.LONGEST
            values = samples.extreme(source, language, channel, longest=longest)
            spoken = [(language, values)]
            if channel is Channel.EMAIL:
                letters = compose.mail(source, spoken)
                words, shown = compose.plain(letters), page(letters)
                subject = compose.subject_of(letters)
                yield Example(channel, language, size, subject, words, 0, shown)
                continue
            forms = compose.text(source, spoken, stop=longest)
            body = forms[best_form(forms, language)]
            yield Example(channel, language, size, "", body, count_parts(body))
