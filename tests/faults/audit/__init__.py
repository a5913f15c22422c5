"""Compares what clients were told with what is there. Pure: it reads nothing itself."""

from collections.abc import Callable, Iterator

from tests.faults.audit.delivery import check_logs, check_readers, check_topics
from tests.faults.audit.promises import check_loop, check_promises
from tests.faults.audit.read_models import check_read_models
from tests.faults.audit.seats import check_seats
from tests.faults.audit.telling import check_telling
from tests.faults.seen import Finding, Seen

RULES: tuple[Callable[[Seen], Iterator[Finding]], ...] = (
    check_logs,
    check_topics,
    check_readers,
    check_promises,
    check_loop,
    check_seats,
    check_telling,
    check_read_models,
)


def audit(seen: Seen) -> list[Finding]:
    """Return everything that is wrong, in a fixed order."""
    return [finding for rule in RULES for finding in rule(seen)]
