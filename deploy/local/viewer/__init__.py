"""The event viewer: what passes through Kafka, live, as ids and codes.

Of a restricted topic it shows the envelope alone. It reads without a consumer group and leaves no
trace.
"""
