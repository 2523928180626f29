"""A prediction that was kept, found by its inference id."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lakeloop import names
from lakeloop.adapters.captures import S3Captures
from lakeloop.adapters.feedback import S3KeptLabels
from lakeloop.capture import ids
from lakeloop.capture.record import Capture
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.feedback.label import folder_of, last_of_each


@dataclass(frozen=True)
class Predicted:
    """`label` is the JSON text of the one that counts, empty without any; with one it is a row of the file `window`."""

    capture: Capture
    label: str
    window: str


def predicted(environment: Environment, named: str) -> Iterator[Predicted]:
    """The prediction that was given this id, of whatever dataset. Raises AdvisedError where it was not kept.

    An id that its caller made says neither dataset nor time: all predictions that a label may still count for are read.
    """
    outputs = environment.outputs
    if not outputs.captures_bucket:
        return
    captures = S3Captures(environment.s3, outputs.captures_bucket)
    now = datetime.now(UTC)
    for name in outputs.datasets:
        made = ids.read(ids.scope(outputs.name_prefix, name), named)
        if made is None and ids.is_ours(named):
            continue
        if made and not made.kept:
            advice = "docs/online.md says which are: `capture` of the contract decides"
            raise AdvisedError(f"the prediction {named} of {name} was answered and not kept", advice)
        since = made.at if made else now - timedelta(days=Dataset(environment, name).contract.capture.join_days)
        until = (made.at if made else now) + ids.LONGEST_ANSWER
        for capture in captures.between(name, since, until):
            if capture.inference_id == named:
                yield _with_label(environment, capture)


def _with_label(environment: Environment, capture: Capture) -> Predicted:
    outputs = environment.outputs
    labels = S3KeptLabels(environment.s3, outputs.captures_bucket)
    last = last_of_each(labels.keys(folder_of(capture.dataset, capture.inference_id))).get(capture.inference_id)
    label = labels.read(last.key) if last else None
    key = names.feedback_key(capture.dataset, capture.predicted_at.strftime(names.WINDOW_HOUR))
    return Predicted(capture, label.label if label else "", f"s3://{outputs.landing_bucket}/{key}")
