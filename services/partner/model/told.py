"""Times as an agency is told them: to the minute, so that two cannot match what they were told.

What several agencies hear of at once has one moment in common. To the microsecond it would be a
name of the child; to the minute it is what they could see on their own clocks.
"""

from datetime import datetime


def to_the_minute(at: datetime) -> datetime:
    """Return a moment cut to its minute: never later than it is, so that no deadline moves out."""
    return at.replace(second=0, microsecond=0)
