"""What holds for each template: to whom it goes, when it may, and how long its cause is news."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from contracts.codes import Template


class Priority(IntEnum):
    """What goes before what: each has a lane of its own, so that many of one delay no other."""

    HASTE = 0
    USUAL = 1
    BULK = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """How a template is sent.

    Attributes:
        max_age: how long after its cause it may still go out; a re-read topic never re-texts.
        checked: it speaks of a child, so referral is asked just before.
        quiet: as a text it waits for the recipient's morning.
        capped: as a text it counts towards the week's limit, and waits for it.
        question: an answer of yes or no belongs to it.
        after_stop: goes to a number that said stop; only the confirmation does.
        aside: not what a later answer is about.
        once: a person is told it once of a referral, though it happens again.
        unanswered: it asks for an answer, and goes only while none has come.
        talk: it waits for no morning while the person is writing to us.
        priority: what goes before it.
        owed: by mail it goes also to who wants none, for they asked for it a moment ago.
        danger: numbers to call and nothing about anybody, for whoever wrote that they are in
            danger: also who may be told nothing else, and whoever holds the phone by now.
    """

    max_age: timedelta
    checked: bool = True
    quiet: bool = False
    capped: bool = False
    question: bool = False
    after_stop: bool = False
    aside: bool = False
    once: bool = False
    unanswered: bool = False
    owed: bool = False
    talk: bool = False
    danger: bool = False
    priority: Priority = Priority.USUAL


_HASTE, _BULK = Priority.HASTE, Priority.BULK

RULES: dict[Template, Rule] = {
    # An asking that was undone and made again is no news to who heard of the first.
    Template.FAMILY_ASKED: Rule(timedelta(days=3), quiet=True, capped=True, once=True),
    Template.FAMILY_ACCEPTED: Rule(timedelta(days=3), quiet=True, capped=True),
    # Not capped: who is to be somewhere must know when.
    Template.FAMILY_APPOINTMENT: Rule(timedelta(days=2), quiet=True),
    Template.FAMILY_APPOINTMENT_REMINDER: Rule(timedelta(hours=24), quiet=True),
    Template.FAMILY_DID_HELP_ARRIVE: Rule(
        timedelta(days=5), quiet=True, capped=True, question=True
    ),
    # An answer within a conversation: the person has just written.
    Template.FAMILY_THANKS: Rule(timedelta(days=1), aside=True, priority=_HASTE),
    # They asked: both answers are owed, whatever the week's limit; the first one at once.
    Template.FAMILY_REQUEST_RECEIVED: Rule(
        timedelta(days=1), checked=False, aside=True, priority=_HASTE
    ),
    Template.FAMILY_REQUEST_HANDLED: Rule(timedelta(days=3), checked=False, quiet=True, aside=True),
    # Agencies have working hours, codes are waited for: no quiet hours, no weekly limit.
    Template.AGENCY_OFFER: Rule(timedelta(days=2)),
    # Nobody is woken to be told that there is time left.
    Template.AGENCY_OFFER_REMINDER: Rule(timedelta(days=2), quiet=True, unanswered=True),
    # They have asked, and may wait for it to answer; at night it can wait.
    Template.AGENCY_QUESTION_ANSWERED: Rule(timedelta(days=2), quiet=True, unanswered=True),
    Template.AGENCY_NOT_NEEDED: Rule(timedelta(days=1)),
    # Many at once: partner looks at each of them when it is taken.
    Template.AGENCY_OFFERS: Rule(timedelta(days=2), checked=False),
    Template.AGENCY_OFFERS_TAKEN: Rule(
        timedelta(hours=12), checked=False, aside=True, priority=_HASTE
    ),
    Template.AGENCY_TAKEN: Rule(timedelta(days=1)),
    Template.AGENCY_ACCEPTED: Rule(timedelta(days=3)),
    Template.AGENCY_ANSWER_RECORDED: Rule(timedelta(days=3)),
    Template.AGENCY_IDENTITY_CODE: Rule(timedelta(minutes=10), owed=True, priority=_HASTE),
    # It speaks of no child: a paper of the agreement runs out.
    Template.AGENCY_PAPER_DUE: Rule(timedelta(days=5), checked=False, aside=True, priority=_BULK),
    # Nor does this: a milestone of the agreement is late.
    Template.AGENCY_MILESTONE_OVERDUE: Rule(
        timedelta(days=5), checked=False, aside=True, priority=_BULK
    ),
    Template.AGENCY_CONSENT_ASKED: Rule(timedelta(days=2)),
    # Answers to a text that the agency has just sent, about no child.
    Template.AGENCY_TEXT_NOTED: Rule(
        timedelta(hours=12), checked=False, aside=True, priority=_HASTE
    ),
    Template.AGENCY_TEXT_NO_SEAT: Rule(
        timedelta(hours=12), checked=False, aside=True, priority=_HASTE
    ),
    Template.AGENCY_TEXT_NOT_DONE: Rule(
        timedelta(hours=12), checked=False, aside=True, priority=_HASTE
    ),
    Template.AGENCY_TEXT_WHICH: Rule(
        timedelta(hours=12), checked=False, aside=True, priority=_HASTE
    ),
    # It speaks of no child: whether what stands in the directory still holds.
    Template.AGENCY_ENTRIES: Rule(
        timedelta(days=14), checked=False, quiet=True, aside=True, priority=_BULK
    ),
    # They speak of no child: a link alone, to a page that names nobody.
    Template.AGENCY_DELETE: Rule(timedelta(days=14), checked=False, priority=_BULK),
    Template.AGENCY_DELETE_AGAIN: Rule(timedelta(days=14), checked=False, priority=_BULK),
    # It speaks of no child: the agency's own system hears nothing any more.
    Template.AGENCY_WEBHOOK_DISABLED: Rule(timedelta(days=7), checked=False, priority=_BULK),
    # They have just written: numbers to call, whom to call, which question they meant.
    Template.FAMILY_EMERGENCY: Rule(
        timedelta(hours=1), checked=False, aside=True, danger=True, priority=_HASTE
    ),
    Template.FAMILY_HELP: Rule(timedelta(hours=1), checked=False, aside=True, priority=_HASTE),
    Template.FAMILY_WHICH: Rule(timedelta(hours=12), checked=False, aside=True, priority=_HASTE),
    # What the night has held back, in one text.
    Template.FAMILY_SEVERAL: Rule(timedelta(days=3), quiet=True, capped=True),
    # A person's own words, in answer to the family's: it waits for the morning unless they talk.
    Template.STAFF_REPLY: Rule(timedelta(days=3), quiet=True, talk=True, priority=_HASTE),
    # Owed by law whatever else holds, at once and once.
    Template.STOP_CONFIRMED: Rule(
        timedelta(hours=1), checked=False, after_stop=True, aside=True, priority=_HASTE
    ),
}


MERGED = frozenset(
    {Template.FAMILY_ASKED, Template.FAMILY_ACCEPTED, Template.FAMILY_REQUEST_HANDLED}
)
"""What is told as one text where the night has held several; a question asks by itself."""

MERGED_FROM = 3


def rule_of(template: Template) -> Rule:
    """Return the rule of a template.

    Raises:
        KeyError: nobody has decided how it is sent; it is not.
    """
    return RULES[template]
