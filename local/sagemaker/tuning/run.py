"""One tuning job: asks the search for trials, runs them side by side, and ends when nothing is left to do."""

import logging
import queue
import threading
import time
from dataclasses import dataclass

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.training.metrics import Observation
from lakeloop.local.sagemaker.training.runs import TrainingRuns
from lakeloop.local.sagemaker.training.start import add_training_job
from lakeloop.local.sagemaker.tuning.completion import complete, not_improving
from lakeloop.local.sagemaker.tuning.early_stopping import promises_nothing
from lakeloop.local.sagemaker.tuning.state import RUNNING, enter
from lakeloop.local.sagemaker.tuning.trials import conclude, objective_value, trial_name, trial_request, trials
from lakeloop.local.sagemaker.tuning.warm_start import parents_trials

log = logging.getLogger(__name__)
NO_TRIAL_SUCCEEDED = "All training jobs failed. Please take a look at the training jobs failures to get more details."


@dataclass(frozen=True)
class Observed:
    trial: str
    value: float


@dataclass(frozen=True)
class Finished:
    trial: str


class Stop:
    """Somebody called StopHyperParameterTuningJob."""


class Abandon:
    """The server ends."""


Message = Observed | Finished | Stop | Abandon


class TuningRun:
    """Its thread alone decides; trials and callers put messages into its inbox."""

    def __init__(self, backends: Backends, training: TrainingRuns, name: str) -> None:
        # Optuna is imported here because it takes a quarter of a second and 60 MB that a server without tuning saves.
        from lakeloop.local.sagemaker.tuning.search import PastTrial, new_search  # noqa: PLC0415

        self._backends = backends
        self._training = training
        self._name = name
        self._job = backends.store.find(Kind.TUNING_JOB, name) or {}
        self._config = self._job["HyperParameterTuningJobConfig"]
        self._objective = self._config["HyperParameterTuningJobObjective"]
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        known = trials(backends.store, self._job["HyperParameterTuningJobArn"])
        self._started = len(known)
        self._running = {trial["TrainingJobName"] for trial in known if trial["TrainingJobStatus"] in RUNNING}
        ended = [self._concluded(trial) for trial in known if trial["TrainingJobName"] not in self._running]
        self._objectives = [value for value in map(objective_value, ended) if value is not None]
        self._histories: dict[str, list[float]] = {}
        self._completed: list[list[float]] = []
        self._stopping = self._job["HyperParameterTuningJobStatus"] == "Stopping"
        self._exhausted = False
        past = [*ended, *parents_trials(backends.store, self._job)]
        self._search = new_search(
            self._config, [PastTrial(trial["TunedHyperParameters"], objective_value(trial)) for trial in past]
        )

    # What trials and callers say, from their threads.

    def observed(self, job: str, observation: Observation) -> None:
        if observation.metric == self._objective["MetricName"]:
            self._inbox.put(Observed(job, observation.value))

    def finished(self, job: str) -> None:
        self._inbox.put(Finished(job))

    def stop(self) -> None:
        self._inbox.put(Stop())

    def abandon(self) -> None:
        self._inbox.put(Abandon())

    # What the run's own thread does.

    def run(self) -> None:
        for trial in self._running:
            self._training.resume_one(trial, self)
        while True:
            self._start_trials()
            if not self._running:
                break
            message = self._next_message()
            if isinstance(message, Abandon):
                return
            self._handle(message)
        self._finish()

    def _next_message(self) -> Message:
        limit = self._config["ResourceLimits"].get("MaxRuntimeInSeconds")
        if limit is None or self._stopping or self._exhausted:
            return self._inbox.get()
        try:
            return self._inbox.get(timeout=max(0.0, self._job["CreationTime"] + limit - time.time()))
        except queue.Empty:
            self._end_early("MaxRuntimeInSeconds is over")
            return self._inbox.get()

    def _start_trials(self) -> None:
        limits = self._config["ResourceLimits"]
        most = limits.get("MaxNumberOfTrainingJobs", float("inf"))
        while (
            not (self._stopping or self._exhausted)
            and self._started < most
            and len(self._running) < limits["MaxParallelTrainingJobs"]
        ):
            name = trial_name(self._name, self._started + 1)
            tuned = self._search.propose(name)
            if tuned is None:
                self._exhausted = True
                return
            add_training_job(self._backends, trial_request(self._job, name, tuned))
            self._started += 1
            self._running.add(name)
            self._training.start(name, self)

    def _handle(self, message: Message) -> None:
        match message:
            case Observed(trial, value):
                self._observe(trial, value)
            case Finished(trial):
                self._conclude(trial)
            case Stop():
                self._stopping = True
                self._stop_trials()

    def _concluded(self, trial: Document) -> Document:
        """A trial that ended; the server that saw it end may have been killed before it wrote the objective down."""
        if trial["ObjectiveStatus"] != "Pending":
            return trial
        return conclude(self._backends.store, trial["TrainingJobName"], self._objective)

    def _observe(self, trial: str, value: float) -> None:
        history = self._histories.setdefault(trial, [])
        history.append(value)
        hopeless = not self._search.report(trial, len(history), value)
        if self._config.get("TrainingJobEarlyStoppingType") == "Auto":
            hopeless = hopeless or promises_nothing(history, self._completed, maximize=self._maximize)
        if hopeless:
            self._training.stop(trial)

    def _conclude(self, trial: str) -> None:
        job = conclude(self._backends.store, trial, self._objective)
        value = objective_value(job)
        self._running.discard(trial)
        self._search.conclude(trial, value)
        if job["TrainingJobStatus"] == "Completed":
            self._completed.append(self._histories.pop(trial, []))
        if value is not None:
            self._objectives.append(value)
        criteria = self._config.get("TuningJobCompletionCriteria", {})
        if not self._exhausted and complete(criteria, self._objectives, maximize=self._maximize):
            self._end_early("its completion criteria are met")

    def _end_early(self, reason: str) -> None:
        log.info("tuning job %s starts no more trials: %s", self._name, reason)
        self._exhausted = True
        self._stop_trials()

    def _stop_trials(self) -> None:
        for trial in self._running:
            self._training.stop(trial)

    def _finish(self) -> None:
        fields: dict[str, object] = {
            "HyperParameterTuningEndTime": time.time(),
            "TuningJobCompletionDetails": {
                "NumberOfTrainingJobsObjectiveNotImproving": not_improving(self._objectives, maximize=self._maximize)
            },
        }
        if self._stopping:
            enter(self._backends, self._name, "Stopped", **fields)
        elif self._objectives:
            enter(self._backends, self._name, "Completed", **fields)
        else:
            enter(self._backends, self._name, "Failed", **fields, FailureReason=NO_TRIAL_SUCCEEDED)

    @property
    def _maximize(self) -> bool:
        return bool(self._objective["Type"] == "Maximize")


class TuningRuns:
    """The tuning jobs that run now."""

    def __init__(self, backends: Backends, training: TrainingRuns) -> None:
        self._backends = backends
        self._training = training
        self._lock = threading.Lock()
        self._running: dict[str, TuningRun] = {}

    def start(self, name: str) -> None:
        run = TuningRun(self._backends, self._training, name)
        with self._lock:
            self._running[name] = run
        threading.Thread(target=self._run, args=(name, run), name=f"tuning {name}", daemon=True).start()

    def resume(self) -> None:
        """Go on with what an earlier server left running; trials that were cut off start again."""
        for job in self._backends.store.all(Kind.TUNING_JOB):
            if job["HyperParameterTuningJobStatus"] in RUNNING:
                self.start(job["HyperParameterTuningJobName"])

    def stop(self, name: str) -> None:
        with self._lock:
            run = self._running.get(name)
        if run:
            run.stop()

    def close(self) -> None:
        with self._lock:
            running = list(self._running.values())
        for run in running:
            run.abandon()

    def _run(self, name: str, run: TuningRun) -> None:
        try:
            run.run()
        except Exception:  # a defect of ours must not leave the job in progress for good
            log.exception("tuning job %s failed", name)
            enter(
                self._backends, name, "Failed", FailureReason="InternalServerError: see the log of the local SageMaker"
            )
        with self._lock:
            self._running.pop(name, None)
