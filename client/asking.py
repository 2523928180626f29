"""Asking for a model by hand."""

from dataclasses import dataclass
from uuid import uuid4

from lakeloop import names
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError
from lakeloop.client.versions import When, commit_at
from lakeloop.messages import TrainingAsked

CHAIN = "start_tuning"


@dataclass(frozen=True)
class Asked:
    """What was asked for: one job on a commit; `id` is in the job's tag `lakeloop:ask`."""

    dataset: str
    commit: str
    is_head: bool
    id: str
    who: str
    why: str


def ask_for_training(environment: Environment, dataset: Dataset, at: When = "", why: str = "") -> Asked:
    """Have start_tuning train on a commit, by default the head of main, whatever is new there.

    Raises MistakenNameError where there is no such commit, or where nothing is learned from the dataset.
    """
    if dataset.contract.problem is None:
        raise MistakenNameError(
            f"nothing is learned from {dataset.name}: its contract names no problem", "add `problem` and `label` to it"
        )
    head = environment.lake.head(dataset.repository)
    commit = commit_at(environment.lake, dataset.repository, at).id if at else head
    asked = Asked(dataset.name, commit, commit == head, uuid4().hex, environment.caller, why)
    message = TrainingAsked(
        reason="person",
        dataset=asked.dataset,
        repository=dataset.repository,
        # The head is looked up when the job starts: features may have to be made first, which moves it.
        commit=asked.commit if at else "",
        id=asked.id,
        # The tag of the job that says so has no room for more.
        who=names.tag_value(asked.who),
        why=why,
    )
    environment.sns.publish(TopicArn=environment.outputs.chains[CHAIN].topic_arn, Message=message.model_dump_json())
    return asked
