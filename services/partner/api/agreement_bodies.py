"""Agreements (MOUs) as they are sent."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from contracts.agencies import PaperKind
from contracts.codes import AgreementStatus
from services.chassis.errors import TwoTonguesError
from services.chassis.fields import Day, Id, ZipCode
from services.chassis.grades import place_of
from services.chassis.http.commands import Body
from services.partner.api.context import Name, Need, Site
from services.partner.api.needs import Grade, InsuranceCode
from services.partner.model.agreement import Agreement
from services.partner.model.agreement_metrics import Metric, MetricKind
from services.partner.model.eligibility import Eligibility
from services.partner.model.milestones import Milestone
from services.partner.model.papers import Paper
from services.partner.model.waitlist import WaitlistPolicy

Required = Literal[PaperKind.INSURANCE, PaperKind.BACKGROUND_CHECKS, PaperKind.LICENSE]
Age = Annotated[int, Field(ge=0, le=130)]
Approver = Literal["coordinator", "admin", "agency"]

MOST_MILESTONES = 20
"""As many as one looks at together."""

_BEFORE_REVIEW = frozenset({AgreementStatus.DRAFT})


class PaperBody(Body):
    """A paper that was seen. `until`: its last day; null where it has no end."""

    kind: Required
    until: Day | None = None


class MetricBody(Body):
    """A measure with its target.

    Attributes:
        target: percent of a share; students of `served-by`.
        days: school days within which an answer counts, of a share.
        by: the day by which the students are to be served; null: the agreement's last one.
    """

    kind: MetricKind
    target: Annotated[int, Field(ge=1, le=100_000)]
    days: Annotated[int, Field(ge=0, le=60)] | None = None
    by: Day | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        share = self.kind is not MetricKind.SERVED_BY
        if share and (self.days is None or self.by is not None or self.target > 100):  # noqa: PLR2004 - percent
            raise TwoTonguesError(
                "a share takes days and a target of at most 100 percent, and no day by which",
                "una proporción lleva days y una meta de hasta 100 por ciento, y ningún by",
            )
        if not share and self.days is not None:
            raise TwoTonguesError(
                "a count of students takes no days: say by when",
                "un número de estudiantes no lleva days: diga para cuándo con by",
            )
        return self


class MilestoneBody(Body):
    """What is to be done by a day.

    Attributes:
        name: its own within the agreement: by it the milestone is reported as reached.
    """

    name: Name
    by: Day


class EligibilityBody(Body):
    """Whom it is for. What is left out excludes nobody.

    Attributes:
        minimum_age: in whole years.
        first_grade: the lowest, as the district writes grades.
        insurance: codes of insurances, `none` among them where it is for families without any.
        zips: where families must live.
    """

    minimum_age: Age | None = None
    maximum_age: Age | None = None
    first_grade: Grade | None = None
    last_grade: Grade | None = None
    insurance: Annotated[tuple[InsuranceCode, ...], Field(max_length=50)] = ()
    zips: Annotated[tuple[ZipCode, ...], Field(max_length=500)] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not _ordered(self.minimum_age, self.maximum_age):
            raise TwoTonguesError(
                "maximum_age is below minimum_age: correct one of them",
                "maximum_age es menor que minimum_age: corrija uno de los dos",
            )
        if not _ordered(place_of(self.first_grade), place_of(self.last_grade)):
            raise TwoTonguesError(
                "last_grade is below first_grade: correct one of them",
                "last_grade es menor que first_grade: corrija uno de los dos",
            )
        return self

    def eligibility(self) -> Eligibility:
        """Return it as it is kept."""
        return Eligibility(
            **{
                **dict(self),
                "insurance": tuple(dict.fromkeys(self.insurance)),
                "zips": tuple(dict.fromkeys(self.zips)),
            }
        )


def _ordered(low: int | None, high: int | None) -> bool:
    return low is None or high is None or low <= high


class AgreementBody(Body):
    """An agreement, whole. `expiring` and `expired` follow from `until`; stated, they mean active.

    Attributes:
        services: those that it covers; none named: all of the agency.
        needs: kinds of need that it is meant to meet.
        eligibility: whom it is for; matching leaves everybody else out, and says why.
        pre_assessment: the name of what children are assessed with before the help.
        post_assessment: the name of what they are assessed with after it.
        starts: `from` on the wire: the first day.
        until: the last day; null where it has no end.
        requires: papers without which no offer goes out.
        papers: those that were seen.
        approvers: who must approve it before it is active; with any, it begins as a draft.
        metrics: what it is measured by.
        milestones: what is to be done by when, each under a name of its own.
        waitlist: the policy by which seats that come free go to those who wait; null leaves it to
            each service.
    """

    model_config = ConfigDict(populate_by_name=True)

    agency: Id
    status: AgreementStatus
    sites: Annotated[tuple[Site, ...], Field(min_length=1, max_length=500)]
    services: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    needs: Annotated[tuple[Need, ...], Field(max_length=50)] = ()
    eligibility: EligibilityBody = EligibilityBody()
    pre_assessment: Name | None = None
    post_assessment: Name | None = None
    starts: Day = Field(alias="from")
    until: Day | None = None
    requires: Annotated[tuple[Required, ...], Field(max_length=3)] = ()
    papers: Annotated[tuple[PaperBody, ...], Field(max_length=3)] = ()
    approvers: Annotated[tuple[Approver, ...], Field(max_length=3)] = ()
    metrics: Annotated[tuple[MetricBody, ...], Field(max_length=20)] = ()
    milestones: Annotated[tuple[MilestoneBody, ...], Field(max_length=MOST_MILESTONES)] = ()
    waitlist: WaitlistPolicy | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.until is not None and self.until < self.starts:
            raise TwoTonguesError(
                "the last day is before the first one: correct until or from",
                "el último día es anterior al primero: corrija until o from",
            )
        if self.approvers and self.status not in _BEFORE_REVIEW:
            raise TwoTonguesError(
                "it becomes active once all have approved: enter it as draft, then submit it",
                "entra en vigor cuando todos aprueban: ingréselo como draft y preséntelo",
            )
        kinds = [each.kind for each in self.papers]
        if len(set(kinds)) < len(kinds):
            raise TwoTonguesError(
                "a paper is named twice: keep the one that is valid longest",
                "un documento aparece dos veces: deje el que vale más tiempo",
            )
        names = [each.name for each in self.milestones]
        if len(set(names)) < len(names):
            raise TwoTonguesError(
                "two milestones have the same name: give each one of its own",
                "dos hitos tienen el mismo nombre: dele a cada uno el suyo",
            )
        if self.until is not None and any(each.by > self.until for each in self.milestones):
            raise TwoTonguesError(
                "a milestone lies after the last day: move it, or correct until",
                "un hito queda después del último día: muévalo o corrija until",
            )
        return self

    def agreement(self, id: str, zone: str, fingerprint: str) -> Agreement:
        """Return it as it is kept."""
        return Agreement(
            id=id,
            agency=self.agency,
            status=self.status,
            sites=self.sites,
            services=self.services,
            needs=tuple(dict.fromkeys(self.needs)),
            eligibility=self.eligibility.eligibility(),
            pre_assessment=self.pre_assessment,
            post_assessment=self.post_assessment,
            starts=self.starts,
            until=self.until,
            zone=zone,
            requires=self.requires,
            papers=tuple(Paper(**each.model_dump()) for each in self.papers),
            approvers=self.approvers,
            metrics=tuple(Metric(**each.model_dump()) for each in self.metrics),
            milestones=tuple(Milestone(**each.model_dump()) for each in self.milestones),
            waitlist=self.waitlist,
            fingerprint=fingerprint,
        )
