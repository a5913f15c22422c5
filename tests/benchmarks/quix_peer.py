"""QuixStreams keeping one document per key in MongoDB; run by the peers' own Python.

It is told what to do by a JSON object as its argument, and prints the seconds that it took, from
the first record in hand to the last checkpoint.
"""

import json
import sys
import time
from typing import Any
from urllib.parse import unquote, urlsplit

from quixstreams import Application  # type: ignore[import-not-found] # in the peers' environment
from quixstreams.sinks.community.mongodb import (  # type: ignore[import-not-found] # the same
    MongoDBSink,
)


def main() -> None:
    """Consume `events` events of `topic` into `collection`."""
    given = json.loads(sys.argv[1])
    where = urlsplit(given["mongo_uri"])
    app = Application(
        broker_address=given["kafka"],
        consumer_group=given["group"],
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel="WARNING",
        state_dir=given["state"],
    )
    began: list[float] = []

    def fold(value: dict[str, Any], key: Any, timestamp: int, headers: Any) -> dict[str, Any]:
        del key, timestamp
        if not began:
            began.append(time.perf_counter())
        found = dict(headers)
        return {
            **value,
            "type": found["ce_type"].decode(),
            "sequence": int(found["ce_sequence"]),
        }

    topic = app.topic(given["topic"], key_deserializer="str", value_deserializer="json")
    sink = MongoDBSink(
        host=where.hostname,
        port=where.port,
        username=unquote(where.username or ""),
        password=unquote(where.password or ""),
        db=given["database"],
        collection=given["collection"],
        authSource="admin",
        replicaSet="rs0",
    )
    app.dataframe(topic).apply(fold, metadata=True).sink(sink)
    app.run(count=given["events"], timeout=20, collect=False)
    print(json.dumps({"seconds": time.perf_counter() - began[0]}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
