"""A circuit breaker: a provider that fails again and again is left alone for a while. Pure."""

from dataclasses import dataclass, replace

OPENS_AFTER = 5
"""Failures in a row."""

RESTS_FOR = 30.0
"""Seconds until one message tries it again."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of a provider's health.

    Attributes:
        failed: failures in a row.
        opened_at: since when it rests, on a steady clock in seconds; None: it is asked.
        trying: one message is trying it again.
    """

    failed: int = 0
    opened_at: float | None = None
    trying: bool = False

    def ask(self, now: float) -> "tuple[Breaker, bool]":
        """Return the breaker, and whether the provider may be asked now."""
        if self.opened_at is None:
            return self, True
        if self.trying or now - self.opened_at < RESTS_FOR:
            return self, False
        return replace(self, trying=True), True

    def heard(self, now: float, *, well: bool) -> "Breaker":
        """Return the breaker after an answer of the provider."""
        if well:
            return Breaker()
        failed = self.failed + 1
        rests = self.opened_at is not None or failed >= OPENS_AFTER
        return Breaker(failed=failed, opened_at=now if rests else None)
