"""How fast texts may leave one of our numbers: a bucket of leave that fills with time. Pure.

A carrier holds a number to so many texts a second and queues or refuses the rest. What is in haste
must not stand behind thousands of digests, so these leave a part of the bucket to it.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Bucket:
    """What may leave at once, as of a moment of some steady clock, in seconds.

    Attributes:
        rate: texts a second.
        size: what may leave at once after a rest.
        left: what may leave now.
    """

    rate: float
    size: float
    left: float
    at: float

    def take(self, now: float, kept: float = 0.0) -> "tuple[Bucket, float]":
        """Return the bucket after one text, and 0; or as it is, and the seconds to wait for one.

        Args:
            now: of the same clock.
            kept: what must stay in the bucket for what is in haste.
        """
        full = replace(self, left=min(self.size, self.left + max(0.0, now - self.at) * self.rate))
        full = replace(full, at=max(now, self.at))
        wanted = 1.0 + min(kept, self.size - 1.0)
        if full.left >= wanted:
            return replace(full, left=full.left - 1.0), 0.0
        return full, (wanted - full.left) / self.rate
