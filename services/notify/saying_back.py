"""What is said back to a text, and how often: each of these once, however often somebody writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.codes import Channel, Language, ReplyCode, Template
from services.notify.model.contact import Book
from services.notify.model.conversation import Said
from services.notify.model.notice import Notice, notice_for
from services.notify.offer_texts import Answered


@dataclass(frozen=True, slots=True)
class Back:
    """What is to be said back.

    Attributes:
        id: of its notice, which exists once; None: one for this very text.
        choices: when the questions were asked of which one is to be named.
        language: where it is not what the person reads.
    """

    template: Template
    person: str
    book: Book
    id: str | None = None
    about: Said | None = None
    choices: tuple[datetime, ...] = ()
    language: Language | None = None

    def notice(self, cause: str, now: datetime, site: str | None) -> Notice | None:
        """Return the notice that has it said, where the text came from."""
        notice = notice_for(self.template, cause=cause, at=now, now=now, book=self.book, id=self.id)
        return notice and notice.having(
            person=self.person,
            referral=self.about.referral if self.about else None,
            site=(self.about.site if self.about else None) or site,
            choices=self.choices,
            language=self.language,
            channel=Channel.SMS,
        )


def ids_of(
    person: str, offer: Answered | None, thanked: Said | None, now: datetime
) -> Mapping[Template, str]:
    """Return the ids of what is said once: an hour, or of thanks a question."""
    hour = f"{now:%Y%m%d%H}"
    ids = {
        Template.FAMILY_EMERGENCY: f"{person}-emergency-{hour}",
        Template.FAMILY_HELP: f"{person}-help-{hour}",
        Template.FAMILY_WHICH: f"{person}-which-{now:%Y%m%d%H%M}",
    }
    if thanked is not None:
        ids[Template.FAMILY_THANKS] = f"{thanked.message}-thanks"
    if offer is not None:
        # One word an hour on how to write: a machine that answers us is not answered for ever.
        ids[Template.AGENCY_TEXT_WHICH] = f"{offer.contact}-which-{hour}"
    return ids


def asks_for_thanks(reply: ReplyCode, about: Said | None) -> bool:
    """Tell whether this is the yes that the family was asked for."""
    asked = about is not None and about.template is Template.FAMILY_DID_HELP_ARRIVE
    return asked and reply is ReplyCode.YES
