"""From a committed change to Kafka: the event log, its relay, and filling Kafka again."""
