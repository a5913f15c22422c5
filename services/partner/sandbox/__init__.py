"""Invented referrals, in which an agency tries its system before a child depends on it."""
