"""The shared servers of a test run, and the cells on them."""

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient

from tests import servers
from tests.servers import Cell


async def test_a_cell_has_a_broker_that_keeps_records(cell: Cell) -> None:
    topic = f"{cell.topic_prefix}greetings"
    admin = AIOKafkaAdminClient(bootstrap_servers=cell.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()

    async with AIOKafkaProducer(bootstrap_servers=cell.kafka) as producer:
        await producer.send_and_wait(topic, b"hello")
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=cell.kafka, auto_offset_reset="earliest"
    ) as consumer:
        record = await consumer.getone()

    assert record.value == b"hello"


async def test_a_cell_has_a_database_with_transactions(cell: Cell) -> None:
    async with AsyncMongoClient[dict[str, object]](cell.mongo_uri) as client:
        people = client[f"{cell.database_prefix}greetings"]["people"]
        async with client.start_session() as session, await session.start_transaction():
            await people.insert_one({"_id": 1}, session=session)
        assert await people.count_documents({}) == 1


def test_two_cells_share_no_name() -> None:
    names = {servers.new_cell("kafka", "mongo").name for _ in range(1000)}
    assert len(names) == 1000
