"""The partner service: agencies, services, agreements, seats and the offers made to agencies."""
