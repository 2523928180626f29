"""The packs of one dataset on main, as a person looks at them and has them put together."""

from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.ingest.compaction import Compaction, Plan
from lakeloop.messages import Compact

FEWEST = 2


class Packs:
    """The packs of one dataset."""

    def __init__(self, environment: Environment, dataset: Dataset) -> None:
        self._environment = environment
        self._dataset = dataset

    def plan(self) -> Plan:
        """What `compact` would put together now."""
        compaction = Compaction(
            lake=self._environment.lake,
            contract=self._dataset.contract,
            name_prefix=self._environment.outputs.name_prefix,
            git_sha="",
        )
        return compaction.plan()

    def compact(self) -> None:
        """Have `compact` put together what can be, however few packs there are."""
        message = Compact(dataset=self._dataset.name, fewest=FEWEST).model_dump_json()
        self._environment.sns.publish(TopicArn=self._environment.outputs.chains["compact"].topic_arn, Message=message)
