"""The pure centre: what may happen to a referral, and what it then is."""
