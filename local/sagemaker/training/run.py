"""One training job from its data to its model, in a thread of its own."""

import logging
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from local.sagemaker.arns import Kind
from local.sagemaker.backends import Backends
from local.sagemaker.containers.launcher import Container, stop
from local.sagemaker.containers.layout import Layout
from local.sagemaker.documents import Document
from local.sagemaker.logs import TRAINING_GROUP, Stream
from local.sagemaker.objects import S3Uri
from local.sagemaker.training.channels import DownloadError, download, input_files
from local.sagemaker.training.entry import entry
from local.sagemaker.training.folder import failure, pack, prepare
from local.sagemaker.training.images import image
from local.sagemaker.training.metrics import MetricReader, Observation, definitions
from local.sagemaker.training.state import advance

log = logging.getLogger(__name__)


class Watcher(Protocol):
    """Who wants to know how a job goes; called from the job's thread."""

    def observed(self, job: str, observation: Observation) -> None: ...

    def finished(self, job: str) -> None: ...


class Nobody:
    """Watches jobs that stand alone."""

    def observed(self, job: str, observation: Observation) -> None:
        pass

    def finished(self, job: str) -> None:
        pass


class TrainingRun:
    """`run` ends when the job has ended, or at once and without a trace in its state after `abandon`."""

    def __init__(self, backends: Backends, name: str, watcher: Watcher) -> None:
        self._backends = backends
        self._name = name
        self._watcher = watcher
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        # Why the job is to end early: the secondary status it will have, or "abandoned".
        self._ending = ""
        self._reader = MetricReader({})

    def stop(self, secondary: str = "Stopped") -> None:
        """Have the container save what it wants to save; what it leaves is uploaded."""
        with self._lock:
            if self._ending:
                return
            self._ending = secondary
            process = self._process
        if process is not None:
            threading.Thread(target=stop, args=(process, self._backends.settings.stop_grace_seconds)).start()

    def abandon(self) -> None:
        """The server ends; the job stays in progress and is started again with the next server."""
        with self._lock:
            self._ending = "abandoned"
            process = self._process
        if process is not None:
            stop(process, 0)

    def run(self) -> None:
        try:
            self._run()
        except (ClientError, BotoCoreError, OSError) as error:
            log.exception("training job %s failed", self._name)
            self._fail(f"InternalServerError: {error}")
        if self._ending != "abandoned":
            self._watcher.finished(self._name)

    def _run(self) -> None:
        work = self._backends.settings.state_dir / "training" / self._name
        shutil.rmtree(work, ignore_errors=True)
        layout = Layout(work / "ml")
        try:
            self._work(layout)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _work(self, layout: Layout) -> None:
        job = advance(self._backends, self._name, "Downloading", TrainingStartTime=time.time())
        used = image(job["AlgorithmSpecification"].get("TrainingImage", ""))
        self._reader = MetricReader(definitions(job))
        prepare(layout, job)
        if used.remark:
            self._log(used.remark)
        if used.problem:
            self._fail(f"ClientError: {used.problem}")
            return
        try:
            self._download(job, layout)
        except DownloadError as error:
            self._fail(str(error))
            return
        status = self._train(job, layout) if not self._ending else 0
        if self._ending == "abandoned":
            return
        if status != 0 and not self._ending:
            self._fail(f"AlgorithmError: {failure(layout) or 'the container left no reason'}, exit code: {status}")
            return
        self._upload(job, layout)
        self._succeed()

    def _download(self, job: Document, layout: Layout) -> None:
        for channel in job.get("InputDataConfig", []):
            files = input_files(channel["DataSource"]["S3DataSource"], self._backends.objects)
            download(files, layout.channel(channel["ChannelName"]), self._backends.objects)

    def _train(self, job: Document, layout: Layout) -> int:
        """The container's exit status."""
        advance(self._backends, self._name, "Training")
        if any(part in self._name for part in self._backends.faults.current.failing_training_jobs):
            layout.failure.write_text("this job fails because a fault was asked for", encoding="utf-8")
            return 1
        process = self._start(job, layout)
        limit = threading.Timer(job["StoppingCondition"]["MaxRuntimeInSeconds"], self.stop, ["MaxRuntimeExceeded"])
        limit.daemon = True
        limit.start()
        try:
            assert process.stdout is not None  # noqa: S101 - the launcher makes it a pipe
            for line in process.stdout:
                self._heard(line.rstrip("\n"))
            return process.wait()
        finally:
            limit.cancel()

    def _start(self, job: Document, layout: Layout) -> subprocess.Popen[str]:
        started = entry(job)
        process = self._backends.launcher.start(
            Container(started.command, layout.root, started.environment, network=not job.get("EnableNetworkIsolation"))
        )
        with self._lock:
            self._process = process
            ending = self._ending
        if ending:
            stop(process, 0)
        return process

    def _heard(self, line: str) -> None:
        self._log(line)
        for observation in self._reader.read(line):
            self._watcher.observed(self._name, observation)

    def _log(self, line: str) -> None:
        self._backends.logs.write(Stream(TRAINING_GROUP, f"{self._name}/algo-1"), line)

    def _upload(self, job: Document, layout: Layout) -> None:
        advance(self._backends, self._name, "Uploading")
        model = Path(S3Uri.parse(job["ModelArtifacts"]["S3ModelArtifacts"]).key).name
        target = S3Uri.parse(job["ModelArtifacts"]["S3ModelArtifacts"].rpartition("/")[0])
        for folder, name in ((layout.model, model), (layout.output_data, "output.tar.gz")):
            archive = layout.root.parent / name
            if pack(folder, archive):
                self._backends.objects.upload(archive, target.below(name))

    def _succeed(self) -> None:
        secondary = self._ending or "Completed"
        self._end(secondary, "Stopped" if self._ending else "Completed")

    def _fail(self, reason: str) -> None:
        if self._ending != "abandoned":
            self._end("Failed", "Failed", FailureReason=reason[:1024])

    def _end(self, secondary: str, status: str, **fields: object) -> None:
        now = time.time()
        job = self._backends.store.find(Kind.TRAINING_JOB, self._name) or {}
        seconds = round(now - job.get("TrainingStartTime", now))
        metrics = [
            {"MetricName": name, "Value": value, "Timestamp": now} for name, value in sorted(self._reader.last.items())
        ]
        advance(
            self._backends,
            self._name,
            secondary,
            status=status,
            **fields,
            TrainingEndTime=now,
            TrainingTimeInSeconds=seconds,
            BillableTimeInSeconds=max(1, seconds),
            FinalMetricDataList=metrics or None,
        )


class TrainingRuns:
    """The jobs that run now."""

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
            thread.join(timeout=5)

    def _run(self, name: str, run: TrainingRun) -> None:
        run.run()
        with self._lock:
            self._running.pop(name, None)
