"""What wakes start_tuning: new data, or the end of a tuning job."""

from dataclasses import dataclass

from lakeloop import names, state_changes
from lakeloop.messages import DataCommitted, Message
from lakeloop.training.ports import Tuner


@dataclass(frozen=True)
class Wake:
    dataset: str
    correlation_id: str


def wake(message: Message, tuner: Tuner) -> Wake | None:
    """Whom the message is about; None for jobs that are not this environment's."""
    if not state_changes.is_event(message.body):
        committed = DataCommitted.parse(message.body)
        return Wake(committed.dataset, committed.correlation_id)
    change = state_changes.parse(message.body)
    run = tuner.run(change.detail.name)
    return Wake(run.tags[names.DATASET_TAG], run.tags.get(names.CORRELATION_TAG, "")) if run else None
