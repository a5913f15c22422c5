"""Kafka and MongoDB as containers; run with `ENLACE_INFRA=docker` where an engine answers."""

import os
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from pymongo import MongoClient

from deploy.local.servers import ports
from deploy.local.servers.infra import kafka_server, mongo_server
from services.chassis.events.topics import make_topics

pytestmark = pytest.mark.skipif(
    os.environ.get("ENLACE_INFRA") != "docker",
    reason="not run: containers are tried with ENLACE_INFRA=docker",
)


async def test_kafka_keeps_its_topics_over_a_kill_and_a_stop(tmp_path: Path) -> None:
    kafka = kafka_server(tmp_path / "kafka", ports.free_port())
    kafka.start()
    try:
        made = await make_topics(kafka.bootstrap, "cell")
        for end in (kafka.kill, kafka.stop):
            end()
            assert not kafka.running
            kafka.start()
            assert await make_topics(kafka.bootstrap, "cell") == [], "they are all there still"
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
            await producer.send_and_wait(made[0], b"value", key=b"key")
    finally:
        kafka.stop()


def test_mongodb_keeps_its_data_and_takes_transactions(tmp_path: Path) -> None:
    mongo = mongo_server(tmp_path / "mongod", ports.free_port())
    mongo.start()
    try:
        for count in (1, 2):
            with MongoClient[dict[str, object]](mongo.admin_uri) as client:
                client.test.rows.insert_one({"round": count})
                with client.start_session() as session:
                    session.with_transaction(
                        lambda s: client.test.rows.update_many({}, {"$set": {"in": 1}}, session=s)
                    )
                assert client.test.rows.count_documents({"in": 1}) == count
            mongo.kill()
            mongo.start()
    finally:
        mongo.stop()
