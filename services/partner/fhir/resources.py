"""An offer as FHIR R4 resources: what an agency may see of it, and nothing else. Pure.

A Task, its ServiceRequest and its Patient have the offer's id, so that two agencies that compare
what they read cannot tell that it was one child. Identity is never here: it is masked, as the
standard says it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.categories import Category, Names
from contracts.codes import DeclineReason, Outcome, QuestionTopic
from services.partner.fhir import codes
from services.partner.fhir.codes import Json, TaskStatus
from services.partner.model.offering import ENDED, WITH_CHILD, Claim, Offer, Offering, Question
from services.partner.model.seeing import CLOSED
from services.partner.model.told import to_the_minute

_AGE_UNKNOWN = "any"
_TOPICS = {
    "age": QuestionTopic.AGE,
    "grade": QuestionTopic.AGE,
    "times": QuestionTopic.TIMES,
    "language": QuestionTopic.LANGUAGE,
    "insurance": QuestionTopic.INSURANCE,
    "urgency": QuestionTopic.URGENCY,
    "word": QuestionTopic.OTHER,
}
_HAS_CHILD = WITH_CHILD | ENDED


@dataclass(frozen=True, slots=True)
class Seen:
    """What a Task is made of.

    Attributes:
        category: the kind of need that the service meets; None where it is no longer told.
        called: what the district calls it.
        service_name: of the service that is asked.
        agency_name: of the agency that is asked.
        school: name of the school that asks.
        may_see: whether the agency may see what the offer is about.
    """

    offering: Offering
    offer: Offer
    claim: Claim | None
    category: Category
    called: Names | None
    service_name: str
    agency_name: str
    school: str
    may_see: bool

    @property
    def open(self) -> bool:
        """Whether the agency may see now what it is about."""
        return self.may_see and self.offer.state not in CLOSED


def task_of(seen: Seen) -> Json:
    """Return the offer as a Task of the guide's profile."""
    offer, claim, status = seen.offer, seen.claim, codes.status_of(seen.offer)
    date = claim.appointment if claim else None
    refined = codes.business_of(offer, claim.state if claim else None, dated=date is not None)
    task: Json = {
        "resourceType": "Task",
        "id": offer.id,
        "meta": {"profile": [codes.TASK_PROFILE]},
        "status": status.value,
        "intent": "order",
        "code": codes.concept(codes.TASK_CODE, "fulfill", "Fulfill the focal request"),
        "description": f"A referral from {seen.school}",
        "focus": {"reference": f"ServiceRequest/{offer.id}"},
        "for": {"reference": f"Patient/{offer.id}"},
        "authoredOn": _moment(_asked(seen)),
        "lastModified": _moment(to_the_minute(_changed(seen))),
        "requester": _organization(seen.offer.site, seen.school),
        "owner": _organization(offer.agency, seen.agency_name),
        "restriction": {"period": {"end": _moment(to_the_minute(seen.offer.answer_by))}},
    }
    if refined is not None:
        task["businessStatus"] = codes.concept(
            codes.BUSINESS, refined.value, codes.WORDS[refined], text=codes.WORDS[refined]
        )
    if reason := _reason(seen, status):
        task["statusReason"] = reason
    if date is not None and seen.open:
        task["executionPeriod"] = {"start": _moment(date)}
    if claim is not None and claim.outcome is not None and seen.open:
        task["output"] = [
            {
                "type": codes.concept(codes.SDOH, "resulting-activity", "Resulting Activity"),
                "valueCodeableConcept": codes.concept(
                    codes.OUTCOME, claim.outcome.value, codes.OUTCOMES.get(claim.outcome)
                ),
            }
        ]
    if seen.open and (told := [each for one in offer.questions for each in _told(one)]):
        task["input"] = told
    return _versioned(task)


def _told(question: Question) -> list[Json]:
    """Return what the school has answered: inputs of the Task, by what was asked for."""
    if question.answer is None:
        return []
    said = question.answer.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return [
        {
            "type": codes.concept(codes.QUESTION, topic.value, codes.QUESTIONS[topic]),
            "valueString": ", ".join(value) if isinstance(value, list) else value,
        }
        for name, value in said.items()
        if (topic := _TOPICS.get(name)) is not None
    ]


def status_and_date(seen: Seen) -> tuple[TaskStatus, datetime | None]:
    """Return where a Task stands, and the appointment where one is made."""
    return codes.status_of(seen.offer), seen.claim.appointment if seen.claim else None


def request_of(seen: Seen) -> Json:
    """Return what is asked for, as a ServiceRequest of the guide's profile."""
    offer = seen.offer
    request: Json = {
        "resourceType": "ServiceRequest",
        "id": offer.id,
        "meta": {"profile": [codes.REQUEST_PROFILE]},
        "status": _request_status(codes.status_of(offer)),
        "intent": "order",
        "subject": {"reference": f"Patient/{offer.id}"},
        "authoredOn": _moment(_asked(seen)),
        "requester": _organization(seen.offer.site, seen.school),
        "performer": [
            {"reference": f"HealthcareService/{offer.service}", "display": seen.service_name}
        ],
    }
    if not seen.open:
        request["category"] = [codes.concept(codes.SDOH, "sdoh-category-unspecified")]
        request["code"] = {"text": "No longer told", **codes.absent("masked")}
        return _versioned(request)
    called = seen.called.en if seen.called else seen.category.value
    request["category"] = [codes.domain_of(seen.category)]
    request["code"] = codes.concept(codes.CATEGORY, seen.category.value, called, text=called)
    if told := _bands_in_words(seen):
        request["note"] = [{"text": told}]
    if offer.state in _HAS_CHILD:
        request["identifier"] = [{"system": codes.REFERRAL, "value": seen.offering.id}]
    return _versioned(request)


def patient_of(seen: Seen) -> Json:
    """Return the child as anybody at the agency may know it here: a language, and no identity."""
    patient: Json = {
        "resourceType": "Patient",
        "id": seen.offer.id,
        "identifier": [{"_value": codes.absent("masked"), "system": f"{codes.ENLACE}/masked"}],
        "name": [codes.absent("masked")],
        "_gender": codes.absent("masked"),
        "_birthDate": codes.absent("masked"),
        "managingOrganization": _organization(seen.offer.site, seen.school),
    }
    if seen.open:
        reads = seen.offering.bands.language
        patient["communication"] = [
            {"language": codes.concept(codes.LANGUAGE, reads), "preferred": True}
        ]
    return _versioned(patient)


def organization_of(id: str, name: str, *, kind: str) -> Json:
    """Return a school or an agency; `kind` is a code of FHIR's organization types."""
    system = "http://terminology.hl7.org/CodeSystem/organization-type"
    return _versioned(
        {
            "resourceType": "Organization",
            "id": id,
            "active": True,
            "type": [codes.concept(system, kind)],
            "name": name,
        }
    )


def service_of(id: str, name: str, agency: str, category: Category, *, active: bool) -> Json:
    """Return one of the agency's own services; the whole directory is read as HSDS."""
    return _versioned(
        {
            "resourceType": "HealthcareService",
            "id": id,
            "active": active,
            "providedBy": {"reference": f"Organization/{agency}"},
            "category": [codes.domain_of(category)],
            "type": [codes.concept(codes.CATEGORY, category.value)],
            "name": name,
        }
    )


def version_of(resource: Mapping[str, object]) -> str:
    """Return a resource's version: of what it says, so that it tells nothing of anybody else."""
    text = json.dumps(resource, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _versioned(resource: Json) -> Json:
    meta = {**resource.get("meta", {}), "versionId": version_of(resource)}
    return {**resource, "meta": meta}


def _request_status(status: TaskStatus) -> str:
    match status:
        case TaskStatus.COMPLETED | TaskStatus.FAILED:
            return "completed"
        case TaskStatus.REJECTED | TaskStatus.CANCELLED:
            return "revoked"
        case _:
            return "active"


def _reason(seen: Seen, status: TaskStatus) -> Json | None:
    """Return why: the guide wants words wherever a Task was turned down or came to nothing."""
    offer, claim = seen.offer, seen.claim
    if status is TaskStatus.REJECTED:
        why = offer.reason or DeclineReason.OTHER
        said = codes.DECLINES.get(why, why.value)
        return codes.concept(codes.DECLINE, why.value, said, text=said)
    if status is TaskStatus.CANCELLED:
        refined = codes.business_of(offer, None, dated=False)
        return {"text": codes.WORDS[refined]} if refined else {"text": "Cancelled"}
    if status is TaskStatus.FAILED:
        how = _ended_as(claim)
        if how is None:
            return {"text": "failed"}
        words = codes.OUTCOMES.get(how, how.value)
        return codes.concept(codes.OUTCOME, how.value, words, text=words)
    return None


def _ended_as(claim: Claim | None) -> Outcome | None:
    """Return how it failed; some of what is told as progress is an outcome by itself."""
    if claim is None or claim.progress is None:
        return None
    how = claim.outcome or Outcome(claim.progress.value)
    return how if how.listed else None


def _bands_in_words(seen: Seen) -> str:
    bands = seen.offering.bands
    told = [
        f"Age {bands.age}" if bands.age != _AGE_UNKNOWN else "",
        f"grade {bands.grade}" if bands.grade else "",
        f"ZIP begins with {bands.zip3}" if bands.zip3 else "",
        f"can be reached in the {', '.join(bands.times)}" if bands.times else "",
    ]
    return "; ".join(each for each in told if each)


def _asked(seen: Seen) -> datetime:
    return to_the_minute(seen.offer.asked_at or seen.offer.answer_by)


def _changed(seen: Seen) -> datetime:
    """Return when the agency last acted; what the school or another agency did has no time here."""
    claim = seen.claim
    moments = [seen.offer.asked_at, seen.offer.answered_at, claim.made_at if claim else None]
    return max((each for each in moments if each is not None), default=_asked(seen))


def _organization(id: str, name: str) -> Json:
    return {"reference": f"Organization/{id}", "display": name}


def _moment(at: datetime) -> str:
    return at.isoformat()
