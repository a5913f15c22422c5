"""Subscriptions, pure: who hears what, in which order, how often it is tried."""
