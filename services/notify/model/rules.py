"""What holds for each template: to whom it goes, when it may, and how long its cause is news."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.codes import Template


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
        owed: by mail it goes also to who wants none, for they asked for it a moment ago.
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
    Template.FAMILY_THANKS: Rule(timedelta(days=1), aside=True),
    # They asked: both answers are owed, whatever the week's limit; the first one at once.
    Template.FAMILY_REQUEST_RECEIVED: Rule(timedelta(days=1), checked=False, aside=True),
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
    Template.AGENCY_OFFERS_TAKEN: Rule(timedelta(hours=12), checked=False, aside=True),
    Template.AGENCY_TAKEN: Rule(timedelta(days=1)),
    Template.AGENCY_ACCEPTED: Rule(timedelta(days=3)),
    Template.AGENCY_ANSWER_RECORDED: Rule(timedelta(days=3)),
    Template.AGENCY_IDENTITY_CODE: Rule(timedelta(minutes=10), owed=True),
    # It speaks of no child: a paper of the agreement runs out.
    Template.AGENCY_PAPER_DUE: Rule(timedelta(days=5), checked=False, aside=True),
    # Nor does this: a milestone of the agreement is late.
    Template.AGENCY_MILESTONE_OVERDUE: Rule(timedelta(days=5), checked=False, aside=True),
    Template.AGENCY_CONSENT_ASKED: Rule(timedelta(days=2)),
    # Answers to a text that the agency has just sent, about no child.
    Template.AGENCY_TEXT_NOTED: Rule(timedelta(hours=12), checked=False, aside=True),
    Template.AGENCY_TEXT_NO_SEAT: Rule(timedelta(hours=12), checked=False, aside=True),
    Template.AGENCY_TEXT_NOT_DONE: Rule(timedelta(hours=12), checked=False, aside=True),
    Template.AGENCY_TEXT_WHICH: Rule(timedelta(hours=12), checked=False, aside=True),
    # It speaks of no child: whether what stands in the directory still holds.
    Template.AGENCY_ENTRIES: Rule(timedelta(days=14), checked=False, quiet=True, aside=True),
    # They speak of no child: a link alone, to a page that names nobody.
    Template.AGENCY_DELETE: Rule(timedelta(days=14), checked=False),
    Template.AGENCY_DELETE_AGAIN: Rule(timedelta(days=14), checked=False),
    # It speaks of no child: the agency's own system hears nothing any more.
    Template.AGENCY_WEBHOOK_DISABLED: Rule(timedelta(days=7), checked=False),
    # Owed by law whatever else holds, at once and once.
    Template.STOP_CONFIRMED: Rule(timedelta(hours=1), checked=False, after_stop=True, aside=True),
}


def rule_of(template: Template) -> Rule:
    """Return the rule of a template.

    Raises:
        KeyError: nobody has decided how it is sent; it is not.
    """
    return RULES[template]
