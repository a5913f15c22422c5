"""What the referral service does, by subject: plain functions over a `Desk`.

Called by HTTP and by events alike. Nothing here opens a sealed value or speaks to another service.
"""
