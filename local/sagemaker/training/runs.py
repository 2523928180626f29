"""The training jobs that run now."""

import threading

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.training.run import Nobody, TrainingRun, Watcher
from lakeloop.local.sagemaker.training.state import advance

JOIN_SECONDS = 5


class TrainingRuns:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._lock = threading.Lock()
        self._running: dict[str, tuple[TrainingRun, threading.Thread]] = {}

    def start(self, name: str, watcher: Watcher | None = None) -> None:
        run = TrainingRun(self._backends, name, watcher or Nobody())
        thread = threading.Thread(target=self._run, args=(name, run), name=f"training {name}", daemon=True)
        with self._lock:
            self._running[name] = (run, thread)
        thread.start()

    def resume(self) -> None:
        """Start again the jobs of their own that an earlier server left running; tuning jobs care for theirs."""
        for job in self._backends.store.all(Kind.TRAINING_JOB):
            if "TuningJobArn" not in job:
                self.resume_one(job["TrainingJobName"])

    def resume_one(self, name: str, watcher: Watcher | None = None) -> None:
        """A job that was in progress starts from the beginning, one that was stopping has stopped."""
        status = (self._backends.store.find(Kind.TRAINING_JOB, name) or {}).get("TrainingJobStatus")
        if status not in ("InProgress", "Stopping"):
            return
        if status == "InProgress":
            advance(self._backends, name, "Restarting")
        self.start(name, watcher)
        if status == "Stopping":
            self.stop(name)

    def stop(self, name: str) -> None:
        with self._lock:
            running = self._running.get(name)
        if running:
            running[0].stop()

    def close(self) -> None:
        with self._lock:
            running = list(self._running.values())
        for run, _ in running:
            run.abandon()
        for _, thread in running:
            thread.join(JOIN_SECONDS)

    def _run(self, name: str, run: TrainingRun) -> None:
        run.run()
        with self._lock:
            self._running.pop(name, None)
