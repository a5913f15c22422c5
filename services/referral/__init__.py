"""The referral service: people, consent, referrals and follow-ups; the system of record."""
