"""Which policy decides who gets a free seat: the agreement's, the service's, or the district's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.code import Code
from services.partner.model.agreement import Agreement
from services.partner.model.waitlist import WaitlistPolicy


class ChosenBy(Code):
    """Who has chosen a policy."""

    AGREEMENT = "agreement"
    SERVICE = "service"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The policy in force, and who has chosen it."""

    policy: WaitlistPolicy
    by: ChosenBy


def in_force(
    own: WaitlistPolicy | None,
    agreements: Iterable[Agreement],
    seats: tuple[str, str],
    now: datetime,
    default: WaitlistPolicy,
) -> Chosen:
    """Return the policy by which free seats go.

    Args:
        own: what was chosen for the service at the school.
        agreements: of its agency; a live one that covers it goes before everything else, and of
            two the later one.
        seats: the service and the school.
        now: the present moment.
        default: the district's.
    """
    service, site = seats
    signed = [each for each in agreements if each.waitlist and each.covers(site, now, service)]
    if signed:
        latest = max(signed, key=lambda each: (each.starts, each.id))
        return Chosen(latest.waitlist or default, ChosenBy.AGREEMENT)
    if own is not None:
        return Chosen(own, ChosenBy.SERVICE)
    return Chosen(default, ChosenBy.DISTRICT)
