"""The README's table of services names the topics that each owns."""

import re

from contracts.generate.catalogue import ROOT
from contracts.topic import TOPICS


def test_the_table_of_services_names_each_topic_at_its_owner() -> None:
    rows = re.findall(
        r"^\| (\w+) \| \d+ \| (.*?) \|", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    told = {(service, topic) for service, cell in rows for topic in re.findall(r"`(.*?)`", cell)}
    assert told == {(topic.owner, topic.name) for topic in TOPICS}
