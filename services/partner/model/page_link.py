"""A link by which somebody at an agency opens a page of ours without an account."""

from datetime import datetime

from services.chassis.aggregate import Aggregate


class PageLink(Aggregate):
    """A link that works until it expires, for one person; the id is the token's hash.

    Attributes:
        contact: whom it was sent to; once they have left their agency it opens nothing.
        revoked: somebody took it back, for example because its message went astray.
    """

    contact: str
    expires: datetime
    revoked: bool = False

    def works(self, now: datetime) -> bool:
        """Tell whether it opens anything now, as far as the link itself goes."""
        return not self.revoked and self.expires > now
