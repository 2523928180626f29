"""What wakes start_tuning: new data, the end of a tuning job, the clock, drift, or a person."""

from dataclasses import dataclass

from lakeloop import names, state_changes
from lakeloop.messages import DataCommitted, Message, TrainingAsked, parsed, unwrapped
from lakeloop.training.decision import Ask, Reason
from lakeloop.training.ports import Tuner


@dataclass(frozen=True)
class Wake:
    """Which dataset is meant, all where it is empty; `ask` is what a person asked for."""

    dataset: str
    correlation_id: str
    reason: Reason
    ask: Ask | None = None


def wake(message: Message, tuner: Tuner) -> Wake | None:
    """Whom the message is about; None for jobs that are not this environment's."""
    if state_changes.is_event(message.body):
        change = state_changes.parse(message.body)
        run = tuner.run(change.detail.name) if isinstance(change, state_changes.TuningStateChange) else None
        return Wake(run.tags[names.DATASET_TAG], run.tags.get(names.CORRELATION_TAG, ""), "job") if run else None
    found = parsed(unwrapped(message.body))
    if not (isinstance(found, dict) and "reason" in found):
        committed = DataCommitted.parse(message.body)
        return Wake(committed.dataset, committed.correlation_id, "data")
    asked = TrainingAsked.parse(message.body)
    ask = Ask(asked.id, asked.who, asked.why, asked.commit, asked.at) if asked.reason == "person" else None
    return Wake(asked.dataset, asked.correlation_id or asked.id, asked.reason, ask)
