"""Topic `referrals`: what happens to a referral. Key: referral id. Owner: referral.

States follow HL7 Gravity SDOH Clinical Care (FHIR R4 Task). Restricted categories travel as
`restricted`; nothing here names a person.
"""

from datetime import date

from pydantic import AwareDatetime

from contracts.categories import TopicCategory
from contracts.codes import (
    AnswerWord,
    Audience,
    CancelReason,
    DayPart,
    DeclineReason,
    ErrorReason,
    HoldReason,
    InsuranceKind,
    Outcome,
    RefusalReason,
    Urgency,
)
from contracts.event import Event, Part
from contracts.provider import ProviderId
from contracts.topic import REFERRALS


class ReferralCreated(Event, topic=REFERRALS, type="org.enlace.referral.created.v1"):
    """A coordinator has written down a need; nobody has been asked yet.

    Attributes:
        nonce: from which the family's link is derived by who holds the link key.
        re_referral_of: the earlier referral of the same child that this one follows.
    """

    referral: str
    student: str
    family: str
    site: str
    category: TopicCategory
    urgency: Urgency
    audience: Audience
    coordinator: str
    nonce: str
    re_referral_of: str | None = None


class ReferralCorrected(Event, topic=REFERRALS, type="org.enlace.referral.corrected.v1"):
    """A draft was written down wrongly and is right now, before anybody was asked.

    Attributes:
        category: the kind of need from now on.
        urgency: how soon from now on.
        reworded: the coordinator's words are others too.
    """

    referral: str
    category: TopicCategory
    urgency: Urgency
    reworded: bool


class ReferralAudienceChanged(
    Event, topic=REFERRALS, type="org.enlace.referral.audience-changed.v1"
):
    """Somebody else may be told of it: a consent came after it, or the student confided it.

    Attributes:
        audience: who may be told from now on.
    """

    referral: str
    audience: Audience


class Bands(Part):
    """What an agency may know before it says yes: bands that fit many children.

    Attributes:
        age: in years, as `7-9`; `any` where it is not known.
        language: what the family reads, as BCP 47.
        grade: as `3-5`; none where it is not known.
        zip3: the first three digits of the home's ZIP, where so many people live there that the
            district tells them.
        times: when the family likes to be reached; none where it has not said.
    """

    age: str
    language: str
    grade: str | None = None
    zip3: str | None = None
    times: tuple[DayPart, ...] = ()


class Candidate(Part):
    """A service that is asked, and the agency that runs it.

    Attributes:
        other_need: the service is for another kind of need: it is asked because a consent of the
            family names its agency, and may be told under such a consent alone.
        by_phone: somebody of the school calls it: no message asks it.
    """

    service: ProviderId
    agency: ProviderId
    other_need: bool = False
    by_phone: bool = False


class Waits(Part):
    """By what a waitlist may order a child besides urgency and time; nothing of a restricted need.

    Attributes:
        tier: of support, 1 to 3, as the child's care team has set it; none where it has set none.
        siblings: the services among those asked that a child of the same household is or was with.
    """

    tier: int | None = None
    siblings: tuple[ProviderId, ...] = ()


class ReferralOffered(Event, topic=REFERRALS, type="org.enlace.referral.offered.v1"):
    """Several services are asked, without identity; the first valid claim wins.

    Attributes:
        round: 1 for the first asking; an answer to an older round is refused.
        waits: by what it goes on a waitlist.
    """

    referral: str
    round: int
    site: str
    category: TopicCategory
    urgency: Urgency
    bands: Bands
    candidates: tuple[Candidate, ...]
    answer_by: AwareDatetime
    waits: Waits = Waits()


class ReferralRequested(Event, topic=REFERRALS, type="org.enlace.referral.requested.v1"):
    """One service is asked. `priority` orders a waitlist and says nothing of why.

    Attributes:
        waits: by what else it goes on a waitlist.
        batch: id of the command that asked for many children at once; absent for one alone.
    """

    referral: str
    round: int
    site: str
    category: TopicCategory
    urgency: Urgency
    bands: Bands
    candidate: Candidate
    priority: int
    answer_by: AwareDatetime
    waits: Waits = Waits()
    batch: str | None = None


class ReferralWaveAdded(Event, topic=REFERRALS, type="org.enlace.referral.wave-added.v1"):
    """Further agencies are asked beside those of the open round; the first valid claim wins.

    Attributes:
        wave: 2 for the first after those with whom the round began.
        answer_by: until when those of this wave may answer.
        opens_at: when they are asked, unless an agency has claimed by then; absent: at once.
        waits: by what it goes on their waitlists.
    """

    referral: str
    round: int
    wave: int
    site: str
    candidates: tuple[Candidate, ...]
    answer_by: AwareDatetime
    opens_at: AwareDatetime | None = None
    waits: Waits = Waits()


class QuestionAnswer(Part):
    """What a school answers to an agency's question: bands and codes that fit many children.

    Attributes:
        age: a band, as `7-9`.
        grade: a band, as `3-5`.
        times: when the family likes to be reached.
        language: what the family reads, as BCP 47.
        insurance: its kind.
        urgency: how soon the help is needed.
        word: for everything that has no band.
    """

    age: str | None = None
    grade: str | None = None
    times: tuple[DayPart, ...] = ()
    language: str | None = None
    insurance: InsuranceKind | None = None
    urgency: Urgency | None = None
    word: AnswerWord | None = None


class ReferralQuestionAnswered(
    Event, topic=REFERRALS, type="org.enlace.referral.question-answered.v1"
):
    """The school answers what an agency wants to know before its yes; never who the child is.

    Attributes:
        offer: whose agency asked.
        question: partner's id of the question.
        answer: bands and codes.
        answer_by: until when this agency may answer now, where the school grants more time.
        by: who answered.
    """

    referral: str
    offer: str
    agency: ProviderId
    question: str
    answer: QuestionAnswer
    answer_by: AwareDatetime | None = None
    by: str


class ReferralOfferWithdrawn(Event, topic=REFERRALS, type="org.enlace.referral.offer-withdrawn.v1"):
    """The school needs one agency's answer no more; `last`: nobody is asked any more."""

    referral: str
    round: int
    service: ProviderId
    agency: ProviderId
    last: bool


class ReferralWavesStopped(Event, topic=REFERRALS, type="org.enlace.referral.waves-stopped.v1"):
    """Nobody further is asked in this round: whoever was to be asked later is not.

    Every consent on which it stands has come into doubt, and nothing new begins on such; who was
    asked before may still answer.
    """

    referral: str
    round: int


class ReferralWaveDropped(Event, topic=REFERRALS, type="org.enlace.referral.wave-dropped.v1"):
    """Those of a planned wave are not asked, and were told nothing.

    Attributes:
        wave: the one that was planned.
        candidates: who was to be asked.
        last: nobody is asked any more.
    """

    referral: str
    round: int
    wave: int
    candidates: tuple[Candidate, ...]
    last: bool


class ReferralAccepted(Event, topic=REFERRALS, type="org.enlace.referral.accepted.v1"):
    """The claim stands: this agency has taken the referral."""

    referral: str
    claim: str
    service: ProviderId
    agency: ProviderId


class ReferralHandedOff(Event, topic=REFERRALS, type="org.enlace.referral.handed-off.v1"):
    """Somebody at the school has brought the family to a place outside the network.

    Attributes:
        hand_off: id of the hand-off; it stands as the claim in what follows.
    """

    referral: str
    hand_off: str


class ReferralAwaitingConsent(
    Event, topic=REFERRALS, type="org.enlace.referral.awaiting-consent.v1"
):
    """An agency claimed, and no valid consent covers it yet; the seat is held to `held_until`."""

    referral: str
    claim: str
    service: ProviderId
    agency: ProviderId
    held_until: AwareDatetime


class ReferralClaimRefused(Event, topic=REFERRALS, type="org.enlace.referral.claim-refused.v1"):
    """The claim cannot stand; its seat is free again."""

    referral: str
    claim: str
    reason: RefusalReason


class ReferralRejected(Event, topic=REFERRALS, type="org.enlace.referral.rejected.v1"):
    """Everyone who was asked has declined; `reason` is the last one given."""

    referral: str
    reason: DeclineReason


class ReferralRecalled(Event, topic=REFERRALS, type="org.enlace.referral.recalled.v1"):
    """Taken back right after it was sent, before anybody had acted: nobody is asked any more."""

    referral: str
    round: int


class ReferralOnHold(Event, topic=REFERRALS, type="org.enlace.referral.on-hold.v1"):
    """Paused, with a coded reason.

    Attributes:
        until: the last day of the pause, local to the school; none where somebody will say.
        wakes_at: the school morning after it, on which it goes on by itself.
    """

    referral: str
    reason: HoldReason
    until: date | None = None
    wakes_at: AwareDatetime | None = None


class ReferralResumed(Event, topic=REFERRALS, type="org.enlace.referral.resumed.v1"):
    """Goes on after a hold."""

    referral: str


class ReferralScheduled(Event, topic=REFERRALS, type="org.enlace.referral.scheduled.v1"):
    """The agency has given a date for the first visit."""

    referral: str
    claim: str
    appointment: AwareDatetime


class ReferralStarted(Event, topic=REFERRALS, type="org.enlace.referral.started.v1"):
    """The first service took place."""

    referral: str
    claim: str


class ReferralCompleted(Event, topic=REFERRALS, type="org.enlace.referral.completed.v1"):
    """The agency reports it done: *partner-closed*, which is not yet *helped*."""

    referral: str
    claim: str
    outcome: Outcome


class ReferralFailed(Event, topic=REFERRALS, type="org.enlace.referral.failed.v1"):
    """The agency could not serve the child."""

    referral: str
    claim: str
    outcome: Outcome


class ReferralCancelled(Event, topic=REFERRALS, type="org.enlace.referral.cancelled.v1"):
    """Given up by either side."""

    referral: str
    reason: CancelReason


class ReferralTransferred(Event, topic=REFERRALS, type="org.enlace.referral.transferred.v1"):
    """Another coordinator has taken it over, with the child's new school."""

    referral: str
    site: str
    coordinator: str


class ReferralErased(Event, topic=REFERRALS, type="org.enlace.referral.erased.v1"):
    """Its family was erased: totals keep it, and no slice tells of what kind it was."""

    referral: str


class ReferralVerified(Event, topic=REFERRALS, type="org.enlace.referral.verified.v1"):
    """The family says that the help arrived: *family-verified*."""

    referral: str


class ReferralDisputed(Event, topic=REFERRALS, type="org.enlace.referral.disputed.v1"):
    """The agency says done, the family says not: back to the coordinator's queue."""

    referral: str


class ReferralExpired(Event, topic=REFERRALS, type="org.enlace.referral.expired.v1"):
    """Nobody answered in time."""

    referral: str
    round: int


class ReferralUnmet(Event, topic=REFERRALS, type="org.enlace.referral.unmet.v1"):
    """No agency could take it: an unmet need, for the needs assessment."""

    referral: str
    site: str
    category: TopicCategory
    reason: DeclineReason


class ReferralEnteredInError(
    Event, topic=REFERRALS, type="org.enlace.referral.entered-in-error.v1"
):
    """Should never have been; every reader takes it out of its numbers."""

    referral: str
    reason: ErrorReason | None = None
