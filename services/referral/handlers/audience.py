"""Who may be told of a referral follows the consents, for as long as no agency is asked for it.

Once one is asked, what was told stays told: it stands on the consent of those who know of it
(`ConsentBook.counts`), and ends with that. But whatever nobody is asked for has promised nothing to
anybody, so that a consent that was taken back or has ended tells nobody of it any more, and what a
student confides is the student's alone. So it is decided anew whenever consents change, before an
agency is asked, and when those who were asked are so no more.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from contracts.categories import Category
from contracts.event import Event
from services.chassis.store import Change
from services.referral.handlers.desk import Desk
from services.referral.model import commands
from services.referral.model.consent import ConsentBook
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up import local_date
from services.referral.model.referral import Referral

R = TypeVar("R")


def followed(
    desk: Desk, book: ConsentBook | None, referral: Referral, now: datetime
) -> Sequence[Event]:
    """Return what changes in who may be told, where no agency is asked; nothing without a book."""
    if book is None or not referral.unasked:
        return ()
    audience = book.audience(referral.category, local_date(now, referral.zone))
    return decide(referral, commands.Inform(audience), now, desk.rules())


def told_as_consented(
    desk: Desk, book: ConsentBook, referrals: Sequence[Referral], needs: Collection[Category]
) -> Sequence[Change[None]]:
    """Return what becomes of a child's referrals of these needs once the consents have changed."""
    now = desk.clock.now()
    changes = []
    for each in referrals:
        events = followed(desk, book, each, now) if each.category in needs else ()
        if events:
            after = evolve_all(each, events, now)
            changes.append(Change(None, [after], events, each.site))
    return changes


def joined(first: Change[R], others: Sequence[Change[None]]) -> Change[R]:
    """Return a change that brings others with it in its transaction."""
    saved = [each for change in others for each in change.save]
    told = [each for change in others for each in change.events]
    return replace(first, save=[*first.save, *saved], events=[*first.events, *told])
