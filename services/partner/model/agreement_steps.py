"""The steps of an agreement between its first draft and its end. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contracts.agencies import PaperKind
from contracts.codes import AgreementStatus
from contracts.sealed import Sealed
from services.chassis.errors import rule, unknown
from services.chassis.scan import Scan
from services.partner.model.agreement import LIVE, Agreement, Approval
from services.partner.model.milestones import Reached, moved
from services.partner.model.papers import Paper

_STATES_ES = {
    AgreementStatus.DRAFT: "borrador",
    AgreementStatus.IN_REVIEW: "en revisión",
    AgreementStatus.ACTIVE: "vigente",
    AgreementStatus.EXPIRING: "por vencer",
    AgreementStatus.EXPIRED: "vencido",
    AgreementStatus.ENDED: "terminado",
}

MOST_DOCUMENTS = 10
"""Signed documents of one agreement: it and its amendments."""

_TERMS = (
    "sites",
    "services",
    "needs",
    "eligibility",
    "pre_assessment",
    "post_assessment",
    "starts",
    "until",
    "requires",
    "approvers",
    "metrics",
    "milestones",
    "waitlist",
)
"""What a renewal is compared by."""


def submit(known: Agreement, now: datetime) -> Agreement:
    """Put a draft before those who must approve; where nobody must, it is active.

    Raises:
        EnlaceError: it is no draft.
    """
    _need(
        known,
        now,
        {AgreementStatus.DRAFT},
        can="Only a draft is submitted.",
        puede="Solo se presenta un borrador.",
    )
    status = AgreementStatus.IN_REVIEW if known.approvers else AgreementStatus.ACTIVE
    return known.having(status=status, approvals=()).settled(now)


@dataclass(frozen=True, slots=True)
class Who:
    """Who takes a step; `name` is sealed under the agreement's key."""

    subject: str
    name: Sealed | None = None


def approve(known: Agreement, roles: Iterable[str], who: Who, now: datetime) -> Agreement:
    """Take somebody's yes, for each role of theirs that is needed; the last one makes it active.

    Raises:
        EnlaceError: it is not in review, or none of their roles is missing (`not-an-approver`).
    """
    held = set(roles)
    if any(each.by == who.subject and each.role in held for each in known.approvals):
        return known  # sent again
    _need(
        known,
        now,
        {AgreementStatus.IN_REVIEW},
        can="Only what is in review is approved.",
        puede="Solo se aprueba lo que está en revisión.",
    )
    mine = [role for role in known.unapproved if role in held]
    if not mine:
        waits = ", ".join(known.unapproved)
        raise rule(
            "not-an-approver",
            f"Your approval is not needed here. Nothing was changed: it waits for {waits}.",
            es=f"Su aprobación no hace falta aquí. No se cambió nada: falta la de {waits}.",
        )
    given = tuple(Approval(role=role, by=who.subject, at=now, name=who.name) for role in mine)
    after = known.having(approvals=(*known.approvals, *given))
    return after if after.unapproved else after.having(status=AgreementStatus.ACTIVE).settled(now)


def send_back(known: Agreement, now: datetime) -> Agreement:
    """Make it a draft again, to be changed; who had approved must do so again.

    Raises:
        EnlaceError: it is not in review.
    """
    _need(
        known,
        now,
        {AgreementStatus.IN_REVIEW},
        can="Only what is in review is sent back; one in force is renewed or ended.",
        puede="Solo se devuelve lo que está en revisión; uno vigente se renueva o se termina.",
    )
    return known.having(status=AgreementStatus.DRAFT, approvals=())


def end(known: Agreement, because: str, now: datetime) -> Agreement:
    """End it today; offers that are out stay, no new ones go out.

    Raises:
        EnlaceError: it has ended otherwise.
    """
    if known.status is AgreementStatus.ENDED and known.ended_because == because:
        return known
    _need(
        known,
        now,
        {*LIVE, AgreementStatus.DRAFT, AgreementStatus.IN_REVIEW},
        can="It is over already.",
        puede="Ya terminó.",
    )
    return known.having(status=AgreementStatus.ENDED, ended_because=because, next_due=None)


def renew(known: Agreement, id: str, starts: date, until: date | None) -> Agreement:
    """Return a draft with the same terms for another time; papers go along as they were seen.

    Milestones go along by as many days as it begins later, and none is reached.
    """
    return Agreement(
        id=id,
        agency=known.agency,
        status=AgreementStatus.DRAFT,
        sites=known.sites,
        services=known.services,
        needs=known.needs,
        eligibility=known.eligibility,
        pre_assessment=known.pre_assessment,
        post_assessment=known.post_assessment,
        starts=starts,
        until=until,
        zone=known.zone,
        requires=known.requires,
        papers=known.papers,
        approvers=known.approvers,
        metrics=tuple(each.model_copy(update={"by": None}) for each in known.metrics),
        milestones=moved(known.milestones, (starts - known.starts).days, until),
        waitlist=known.waitlist,
        renews=known.id,
    )


def see_paper(known: Agreement, kind: PaperKind, until: date | None, now: datetime) -> Agreement:
    """Keep that a paper was seen, in place of an older one of its kind."""
    others = tuple(each for each in known.papers if each.kind is not kind)
    return known.having(papers=(*others, Paper(kind=kind, until=until))).settled(now)


def reach(known: Agreement, milestone: str, who: Who, now: datetime) -> Agreement:
    """Keep that a milestone was reached; said again by anybody it changes nothing.

    Raises:
        EnlaceError: it has no such milestone, or was never in force.
    """
    _need_milestone(known, milestone, now)
    if any(each.milestone == milestone for each in known.reached):
        return known
    fresh = Reached(milestone=milestone, by=who.subject, at=now, name=who.name)
    return known.having(reached=(*known.reached, fresh))


def reopen(known: Agreement, milestone: str, now: datetime) -> Agreement:
    """Take back that a milestone was reached.

    Raises:
        EnlaceError: it has no such milestone, or was never in force.
    """
    _need_milestone(known, milestone, now)
    left = tuple(each for each in known.reached if each.milestone != milestone)
    return known.having(reached=left)


def _need_milestone(known: Agreement, milestone: str, now: datetime) -> None:
    if all(each.name != milestone for each in known.milestones):
        raise unknown("milestone")
    _need(
        known,
        now,
        {*LIVE, AgreementStatus.EXPIRED},
        can="Milestones are reached while it is in force, or told after it.",
        puede="Los hitos se cumplen mientras está vigente, o se informan después.",
    )


def attach(known: Agreement, scan: Scan) -> Agreement:
    """Keep a signed document beside those that are kept already; the same file again is one.

    Raises:
        EnlaceError: as many are kept as can be (`documents-full`).
    """
    if any(each.fingerprint == scan.fingerprint for each in known.documents):
        return known
    if len(known.documents) >= MOST_DOCUMENTS:
        raise rule(
            "documents-full",
            f"{MOST_DOCUMENTS} signed documents are kept with this agreement already. Nothing was "
            "stored: put what belongs together into one PDF.",
            es=f"Este convenio ya tiene {MOST_DOCUMENTS} documentos firmados. No se guardó nada: "
            "reúna en un solo PDF lo que va junto.",
        )
    return known.having(documents=(*known.documents, scan))


def need_its_agency(known: Agreement, fresh: Agreement) -> None:
    """Leave an agreement with the agency that it is with: what it has signed is kept with it.

    Raises:
        EnlaceError: it would become another agency's (`agreement-of-another`).
    """
    if known.agency == fresh.agency:
        return
    raise rule(
        "agreement-of-another",
        "This agreement is with another agency, whose signed papers are kept with it. Nothing was "
        "changed: enter a new agreement with this agency.",
        es="Este convenio es con otra agencia, y guarda lo que ella firmó. No se cambió nada: "
        "escriba un convenio nuevo con esta agencia.",
    )


def need_open(known: Agreement, same: bool) -> None:  # noqa: FBT001 - a fact, not a switch
    """Let the terms of one that others have approved alone, and those of one that was ended.

    Raises:
        EnlaceError: it was approved, or is being (`terms-approved`), or has ended
            (`agreement-ended`).
    """
    if not same and known.status is AgreementStatus.ENDED:
        raise rule(
            "agreement-ended",
            "This agreement was ended, and stays so. Nothing was changed: renew it, or enter "
            "another one.",
            es="Este convenio se terminó y así queda. No se cambió nada: renuévelo, o escriba "
            "otro.",
        )
    if same or not known.approvers or known.status is AgreementStatus.DRAFT:
        return
    raise rule(
        "terms-approved",
        "Others have this agreement before them, or have approved it. Nothing was changed: send it "
        "back first, or renew it.",
        es="Otras personas tienen este convenio en revisión, o ya lo aprobaron. No se cambió nada: "
        "devuélvalo primero, o renuévelo.",
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A term that is not as it was."""

    term: str
    before: Any
    after: Any


def differences(before: Agreement, after: Agreement) -> list[Difference]:
    """Return the terms in which a renewal differs from what it renews."""
    old: Mapping[str, Any] = before.model_dump(mode="json", include=set(_TERMS))
    new: Mapping[str, Any] = after.model_dump(mode="json", include=set(_TERMS))
    return [Difference(term, old[term], new[term]) for term in _TERMS if old[term] != new[term]]


def _need(
    known: Agreement, now: datetime, states: set[AgreementStatus], *, can: str, puede: str
) -> None:
    status = known.status_on(known.today(now))
    if status in states:
        return
    raise rule(
        "agreement-state",
        f"This agreement is {status.replace('-', ' ')}. {can} Nothing was changed.",
        es=f"Este convenio está {_STATES_ES[status]}. {puede} No se cambió nada.",
    )
