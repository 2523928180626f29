"""Watches the predictions of each dataset by the clock, and has the model trained again where they call for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.ports import DeployedContracts
from lakeloop.deployment.ports import Served
from lakeloop.errors import LakeloopError, PredictionError
from lakeloop.evaluation.champion import Champion, serving
from lakeloop.evaluation.scored import Task
from lakeloop.feedback.ports import KeptLabels
from lakeloop.ingest.came_back import came_back_at
from lakeloop.lake.index import Index
from lakeloop.lake.ports import Lake
from lakeloop.messages import Message, TrainingAsked, WatchPredictions
from lakeloop.monitoring.counting import Counted, Counter
from lakeloop.monitoring.episode import Reaction, Watched, drifting, react
from lakeloop.monitoring.labelled import Answered, LiveAnswers
from lakeloop.monitoring.page import render
from lakeloop.monitoring.ports import CapturedFrames, Publisher, Store, Trainer, WatchStates
from lakeloop.monitoring.quality import live_quality
from lakeloop.monitoring.reference import References
from lakeloop.monitoring.state import HOUR, WatchState, hour_at, whole
from lakeloop.monitoring.telling import sentence, tell
from lakeloop.monitoring.window import Verdict
from lakeloop.observability import logger
from lakeloop.reports import StepReport, StepReports, now
from lakeloop.serving.ports import ModelContracts
from lakeloop.values.splits import seconds

# So far back predictions of a model are looked for that nothing is known of.
LOOKED_BACK = timedelta(days=7)
# More test rows tell what was promised no better than live ones tell what became of it.
MOST_PROMISED = 20_000


@dataclass(frozen=True)
class Subject:
    """Whose predictions are looked at; `contract` is the model's, `today` the one whose limits count."""

    today: DatasetContract
    served: Champion
    contract: DatasetContract

    @property
    def answered(self) -> Answered:
        metric = self.today.promotion.metric or self.contract.metric
        return Answered(self.contract, Task(self.contract.task, self.contract.classes, metric), self.served.model)


class MonitorService:
    """The work of `monitor`. Its state is written under the condition that nobody else wrote it meanwhile.

    What is to be asked for is written before it is asked for, so that whoever lost asks for nothing, and a crash in
    between is made good by the next one: start_tuning is asked at least once.
    """

    def __init__(
        self,
        *,
        contracts: DeployedContracts,
        model_contracts: ModelContracts,
        served: Served,
        lake: Lake,
        captures: CapturedFrames,
        labels: KeptLabels,
        kept: Store,
        artifacts: Store,
        states: WatchStates,
        publisher: Publisher,
        trainer: Trainer,
        reports: StepReports,
        name_prefix: str,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._contracts = contracts
        self._model_contracts = model_contracts
        self._served = served
        self._lake = lake
        self._captures = captures
        self._artifacts = artifacts
        self._states = states
        self._publisher = publisher
        self._trainer = trainer
        self._reports = reports
        self._name_prefix = name_prefix
        self._clock = clock
        self._references = References(lake, kept, artifacts, name_prefix)
        self._live = LiveAnswers(captures, labels, kept, name_prefix)

    def handle(self, message: Message, seconds_left: Callable[[], float]) -> None:
        """Watch one dataset while there is time, and ask for the rest; asked for all, ask for each."""
        asked = WatchPredictions.parse(message.body)
        if not asked.dataset:
            for name in self._contracts.names:
                contract = self._contracts.get(name)
                if contract.problem is not None and contract.capture.enabled:
                    self._publisher.publish(WatchPredictions(dataset=name))
            return
        try:
            self._watch(self._contracts.get(asked.dataset), seconds_left)
        except LakeloopError as error:
            self._report(asked.dataset, f"nothing is watched: {error}", good=False)
            raise

    def _watch(self, today: DatasetContract, seconds_left: Callable[[], float]) -> None:
        subject = self._subject(today)
        if isinstance(subject, str):
            self._report(today.name, subject)
            return
        known, tag = self._states.get(today.name)
        state = self._of_model(known, subject.served)
        before = state.model_dump_json()
        counted = self._count(subject, state, seconds_left)
        all_labels = self._live.look(subject.answered, state, seconds_left)
        self._judge_answers(subject, state)
        reaction = self._react(subject, state)
        state.forget(today.monitor)
        if known is None or state.model_dump_json() != before or known.model != state.model:
            tag = self._states.put(today.name, state, tag)
        if state.asks:
            self._ask(today, state, reaction.why)
            state.asks = False
            self._states.put(today.name, state, tag)
        tell(today.name, state, today.monitor, counted.windows)
        said = sentence(state, reaction, today.monitor)
        page = render(today.name, said, state, alarm=reaction.alarm)
        self._artifacts.put(names.drift_page_key(today.name), page.encode())
        self._report(today.name, said, good=not reaction.alarm)
        if not (counted.all and all_labels):
            self._publisher.publish(WatchPredictions(dataset=today.name))

    def _subject(self, today: DatasetContract) -> Subject | str:
        """The model that answers, with its contract; or why nothing can be watched."""
        served = serving(self._served, self._name_prefix, today.name)
        if served is None:
            return "no model serves"
        if not (served.commit and served.contract):
            return "the model that serves does not say what it learned from"
        try:
            return Subject(today, served, self._model_contracts.get(served.contract))
        except PredictionError as error:
            return str(error)

    def _of_model(self, known: WatchState | None, served: Champion) -> WatchState:
        """What is known of this model; an episode, windows and what is counted are another model's where it is not."""
        if known and known.model == served.model:
            return known.model_copy(deep=True)
        at = self._clock()
        until = known.until if known else whole(at - LOOKED_BACK)
        return WatchState(model=served.model, seen=at, until=until)

    def _count(self, subject: Subject, state: WatchState, seconds_left: Callable[[], float]) -> Counted:
        hidden = subject.today.sensitive
        profile = self._references.of(subject.served, subject.contract, hidden)
        counter = Counter(self._captures, subject.contract, subject.served.model, profile)
        return counter.count(state, subject.today.monitor, hidden, self._clock(), seconds_left)

    def _judge_answers(self, subject: Subject, state: WatchState) -> None:
        """Live quality, anew where labels came or the limits changed."""
        policy, answered = subject.today.monitor, subject.answered
        hours = [f"{hour}{known.made_of}" for hour, known in sorted(state.hours.items()) if known.labelled]
        made_of = names.digest(policy.model_dump_json(), answered.task.metric, *hours, length=32)
        if state.quality_of == made_of:
            return
        promised = self._references.promised(subject.served, subject.contract)
        if promised is not None:
            live = self._live.rows(answered, state.hours)
            state.quality = live_quality(answered.task, promised.head(MOST_PROMISED), live, policy)
        state.quality_of = made_of

    def _react(self, subject: Subject, state: WatchState) -> Reaction:
        policy = subject.today.monitor
        verdicts = [judged.window.verdict for judged in state.windows]
        decayed = state.quality is not None and state.quality.decayed
        begun = state.episode.begun if state.episode else self._begun(subject, state)
        asked = state.episode is not None and state.episode.asked
        calls = (drifting(policy, verdicts) or decayed) and not asked and policy.on_drift == "retrain"
        rows = self._came_back(subject.today.name, begun) if calls else 0
        watched = Watched(state.model, begun, verdicts, decayed, rows, self._held(subject, state))
        reaction = react(policy, watched, state.episode)
        state.episode, state.asks = reaction.episode, state.asks or reaction.ask
        return reaction

    def _begun(self, subject: Subject, state: WatchState) -> datetime:
        """When the first of the windows was predicted that drift now, else the first of the labelled answers."""
        lately = state.windows[-subject.today.monitor.of_windows :]
        drifts = [judged.begun for judged in lately if judged.window.verdict is Verdict.DRIFT]
        labelled = [hour_at(hour) for hour, known in state.hours.items() if known.labelled]
        return min(drifts or labelled, default=state.until)

    def _came_back(self, dataset: str, since: datetime) -> int:
        """Rows on main, in the files of predictions since then. Under upsert files do not say how many, but one."""
        index = Index(self._lake, names.repository(self._name_prefix, dataset), names.MAIN)
        return sum(
            max(1, entry.counts.total)
            for _, entry in index.entries()
            if (at := came_back_at(dataset, entry.uri.split("/", 3)[3])) is not None and at > (since - HOUR).timestamp()
        )

    def _held(self, subject: Subject, state: WatchState) -> str:
        """start_tuning forgets what is asked for while it cools down for longer than a message can wait."""
        pause = subject.today.retrain.cool_down
        due = state.seen + timedelta(seconds=seconds(pause)) if pause else state.seen
        if self._clock() >= due:
            return ""
        return f"asks for training after {due:%Y-%m-%d %H:%M} UTC, by retrain.cool_down"

    def _ask(self, today: DatasetContract, state: WatchState, why: str) -> None:
        begun = state.episode.begun.isoformat() if state.episode else ""
        logger.info("training is asked for", extra={"dataset": today.name, "model": state.model, "why": why})
        self._trainer.publish(
            TrainingAsked(
                reason="drift",
                dataset=today.name,
                repository=names.repository(self._name_prefix, today.name),
                why=why,
                correlation_id=names.digest("drift", state.model, begun, length=32),
            )
        )

    def _report(self, dataset: str, why: str, *, good: bool = True) -> None:
        logger.info("watched", extra={"dataset": dataset, "why": why})
        self._reports.put(StepReport(dataset=dataset, step="monitor", good=good, why=why))
