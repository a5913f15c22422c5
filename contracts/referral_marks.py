"""Topic `referral-marks`: by what a referred child is counted. Key: referral. Owner: referral."""

from contracts.event import Event, Part
from contracts.sealed import Sealed
from contracts.topic import REFERRAL_MARKS


class Marks(Part):
    """What `marks` of a referral holds once opened: programmes by which reports are sliced."""

    programmes: tuple[str, ...]


class ReferralMarked(Event, topic=REFERRAL_MARKS, type="org.enlace.referral.marked.v1"):
    """A referral was written down for a child that is in programmes.

    Attributes:
        marks: the child's programmes on that day, as `Marks`, sealed under the child's key.
    """

    referral: str
    marks: Sealed
