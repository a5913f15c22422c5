"""Consents in doubt: whoever gave one may no longer be told of the child, or is around it no more.

A consent stands until it is taken back, for the help that goes on under it must not stop because a
contact was changed. But staff are asked to look, and nothing new is begun on it. Pure.
"""

from collections.abc import Sequence
from datetime import date, datetime

from contracts.referrals import Candidate
from services.chassis.errors import EnlaceError, rule
from services.referral.model.consent import ConsentBook
from services.referral.model.consent_terms import Consent
from services.referral.model.people import Family
from services.referral.model.referral import Referral


def in_doubt(
    book: ConsentBook, family: Family | None, referral: Referral, today: date
) -> Sequence[Consent]:
    """Return the consents on which a referral stands, where every one of them is in doubt.

    Args:
        book: the child's consents.
        family: the household in which the child is now.
        referral: the need; once an agency has it, what is for that agency counts alone.
        today: local to the school.
    """
    claim = referral.claim
    standing = [
        each
        for each in book.consents
        if each.holds(today)
        and referral.category in each.categories
        and book.counts(each, referral.category, referral.audience)
        and (
            claim is None
            or each.names(
                referral.category, claim.agency, meets_need=referral.meets_need(claim.service)
            )
        )
    ]
    if any(not _gone(book, family, each) for each in standing):
        return ()
    return standing


def undoubted(
    book: ConsentBook, family: Family | None, referral: Referral, asked: Candidate, today: date
) -> Consent | None:
    """Return a consent on which something new may begin for an agency; None: there is none.

    Args:
        book: the child's consents.
        family: the household in which the child is now.
        referral: the need.
        asked: who would be told.
        today: local to the school.
    """
    meets_need = referral.meets_need(asked.service)
    return next(
        (
            each
            for each in book.consents
            if each.covers(referral.category, asked.agency, today, meets_need=meets_need)
            and book.counts(each, referral.category, referral.audience)
            and not _gone(book, family, each)
        ),
        None,
    )


def doubted_at(book: ConsentBook, family: Family | None, consent: Consent, at: datetime) -> bool:
    """Tell whether a consent was in doubt at a past moment, so that nothing new began on it.

    Whoever puts the contact right says that there was never a doubt; one that was taken back in
    doubt stays as it was.
    """
    since = consent.doubted_since
    if consent.revocation is None and not _gone(book, family, consent):
        return False
    if since is None:
        return consent.revocation is None
    return since <= at


def looked_at(book: ConsentBook, family: Family | None, now: datetime) -> ConsentBook:
    """Return the book with each of its consents marked from when on it is in doubt, or no more."""
    after = tuple(_looked_at(book, family, each, now) for each in book.consents)
    return book if after == book.consents else book.having(consents=after)


def _looked_at(
    book: ConsentBook, family: Family | None, consent: Consent, now: datetime
) -> Consent:
    doubted = _gone(book, family, consent)
    if consent.revocation is not None or doubted == (consent.doubted_since is not None):
        return consent
    return consent.model_copy(update={"doubted_since": now if doubted else None})


def refused() -> EnlaceError:
    """Return the refusal of whatever is to be begun on a consent in doubt."""
    return rule(
        "consent-in-doubt",
        "Whoever consented to this may no longer be told of the child, or is no longer around it. "
        "Nothing was sent: enter the consent of a guardian who may be told now; or, where the "
        "contact is wrong, put the contact right first; or take the old consent back.",
        es="A quien consintió ya no se le puede avisar de este estudiante, o ya no está con la "
        "familia. No se envió nada: registre el consentimiento de un tutor a quien sí se le pueda "
        "avisar; o, si el contacto está mal, corríjalo primero; o retire el consentimiento "
        "anterior.",
    )


def _gone(book: ConsentBook, family: Family | None, consent: Consent) -> bool:
    if book.own(consent):
        return False
    contact = family.contact(consent.given_by) if family else None
    return contact is None or not contact.hears_of(book.id)
