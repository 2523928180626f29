"""The join of predictions and labels, window by window; each window is one file, written anew when it changes."""

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from lakeloop import names
from lakeloop.capture import ids
from lakeloop.capture.keys import capture_hour
from lakeloop.contract import DatasetContract
from lakeloop.contract.ports import DeployedContracts
from lakeloop.feedback.hours import LabelsByHour
from lakeloop.feedback.label import LabelKey, labels_of, last_of_each
from lakeloop.feedback.ports import CapturedWindows, JoinState, JoinStates, KeptLabels, Landing, Publisher
from lakeloop.feedback.rows import frame, join
from lakeloop.messages import JoinFeedback, Message
from lakeloop.observability import logger, metrics
from lakeloop.reports import now
from lakeloop.side_by_side import side_by_side

# So long after its last label may have come a window is still joined; its captures are kept for a day at least.
LATEST_JOIN = timedelta(hours=12)
# A window is begun while so much time is left.
SECONDS_FOR_A_WINDOW = 60.0


class JoinService:
    """The work of `join_feedback`. A window whose rows are the same is not dropped again."""

    def __init__(
        self,
        *,
        contracts: DeployedContracts,
        captures: CapturedWindows,
        labels: KeptLabels,
        states: JoinStates,
        landing: Landing,
        publisher: Publisher,
        name_prefix: str,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._contracts = contracts
        self._captures = captures
        self._labels = labels
        self._states = states
        self._landing = landing
        self._publisher = publisher
        self._name_prefix = name_prefix
        self._clock = clock

    def handle(self, message: Message, seconds_left: Callable[[], float]) -> None:
        """Join one dataset while there is time, and ask for the rest; asked for all, ask for each."""
        asked = JoinFeedback.parse(message.body)
        if not asked.dataset:
            for name in self._contracts.names:
                contract = self._contracts.get(name)
                if contract.problem is not None and contract.capture.enabled:
                    self._publisher.publish(JoinFeedback(dataset=name))
            return
        self._joined(self._contracts.get(asked.dataset), seconds_left)

    def _joined(self, contract: DatasetContract, seconds_left: Callable[[], float]) -> None:
        last = last_of_each(self._labels.keys(labels_of(contract.name)))
        if not last:
            return
        labels = LabelsByHour(last.values(), ids.scope(self._name_prefix, contract.name))
        windows, skipped = self._windows(contract), Counter[str]()
        # Of others no label counts any longer.
        state = self._states.get(contract.name).of(windows)
        for window, keys in windows.items():
            wanted = labels.of(window)
            made_of = names.digest(contract.model_dump_json(), *keys, *(label.key for label in wanted), length=32)
            if not wanted or state.made_of.get(window) == made_of:
                continue
            if seconds_left() < SECONDS_FOR_A_WINDOW:
                self._publisher.publish(JoinFeedback(dataset=contract.name))
                break
            skipped += self._window(contract, window, keys, wanted, state)
            state.made_of[window] = made_of
            self._states.put(contract.name, state)
        if skipped:
            metrics.add_metric(name="LabelsNotJoined", unit="Count", value=skipped.total())
            logger.warning("labels make no rows", extra={"dataset": contract.name, "reasons": dict(skipped)})

    def _windows(self, contract: DatasetContract) -> Mapping[str, list[str]]:
        """The keys of the captures of each hour whose labels may not be joined yet, from the earliest."""
        until = self._clock()
        since = until - timedelta(days=contract.capture.join_days) - LATEST_JOIN
        found: dict[str, list[str]] = {}
        for key in self._captures.objects(contract.name, since, until):
            found.setdefault(capture_hour(key), []).append(key)
        return found

    def _window(
        self,
        contract: DatasetContract,
        window: str,
        keys: Sequence[str],
        wanted: Sequence[LabelKey],
        state: JoinState,
    ) -> Counter[str]:
        """Write the file of a window where it is another than before; what makes no row is counted."""
        captures = [capture for some in side_by_side(self._captures.read, keys) for capture in some]
        once = {capture.identity: capture for capture in captures}
        there = {capture.inference_id for capture in once.values()}
        mine = [label for label in wanted if label.inference_id in there]
        read = side_by_side(lambda label: self._labels.read(label.key), mine)
        joined = join(contract, once.values(), {label.inference_id: label.label for label in read if label})
        if joined.rows:
            file = io.BytesIO()
            frame(contract, joined.rows).write_parquet(file, compression="zstd")
            digest = hashlib.sha256(file.getvalue()).hexdigest()
            if state.files.get(window) != digest:
                self._landing.put(names.feedback_key(contract.name, window), file.getvalue())
                metrics.add_metric(name="LabelsJoined", unit="Count", value=len(joined.rows))
                state.files[window] = digest
        return joined.skipped
