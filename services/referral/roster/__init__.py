"""Reads the rosters that school systems export."""

from services.referral.roster.model import RosterPackage
from services.referral.roster.read import read_roster

__all__ = ["RosterPackage", "read_roster"]
