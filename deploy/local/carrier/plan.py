"""What an accepted text goes through, and when. Pure: times are seconds after acceptance."""

from dataclasses import dataclass, replace

from deploy.local.carrier.model import Status
from deploy.local.carrier.rules import Effects


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: move the message to a status, or tell the product about one.

    Steps with the same time are done in the order of the plan.
    """

    after: float
    status: Status
    error_code: int | None = None
    tell: bool = False


def plan_outbound(effects: Effects, latency: float, *, through_service: bool) -> list[Step]:
    """The steps of a text to the family, each status followed by its callbacks.

    Args:
        effects: What the rules do to it.
        latency: Seconds from queued to sent, and again from sent to the outcome.
        through_service: Whether a messaging service has it first, so that it still becomes queued.
    """
    path = _path(effects, latency)
    steps: list[Step] = []
    late: list[Step] = []
    for after, status, code in path:
        # The message is stored as queued, unless a messaging service has it first.
        if status is not Status.QUEUED or through_service:
            steps.append(Step(after, status, code))
        if effects.tells(status):
            told = [Step(after, status, code, tell=True)] * effects.copies
            if effects.reorder:
                late = told + late
            else:
                steps += told
    steps += [replace(step, after=path[-1][0]) for step in late]
    return steps


def _path(effects: Effects, latency: float) -> list[tuple[float, Status, int | None]]:
    sent, ended = latency + effects.delay, 2 * latency + effects.delay
    path: list[tuple[float, Status, int | None]] = [
        (0.0, Status.QUEUED, None),
        (sent, Status.SENT, None),
    ]
    if effects.fail is None:
        path.append((ended, Status.DELIVERED, None))
    elif effects.fail.status is Status.FAILED:
        path[1:] = [(sent, Status.FAILED, effects.fail.code)]
    else:
        path.append((ended, Status.UNDELIVERED, effects.fail.code))
    if effects.hold is not None:
        path = path[: 1 if effects.hold is Status.QUEUED else 2]
    return path
