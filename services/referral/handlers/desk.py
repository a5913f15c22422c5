"""What every handler works with."""

from collections.abc import Callable
from dataclasses import dataclass

from services.chassis.clock import Clock
from services.chassis.store import Store
from services.referral.model.rules import Rules


@dataclass(frozen=True, slots=True)
class Desk:
    """Where things are kept, what time it is, and what the district has laid down.

    Attributes:
        rules: returns the rules as they are now.
    """

    store: Store
    clock: Clock
    rules: Callable[[], Rules]
