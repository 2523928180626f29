"""One training job from its data to its model, in a thread of its own."""

import logging
import shutil
import subprocess
import threading
import time
from collections import deque
from pathlib import Path
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.containers.launcher import Container, stop
from lakeloop.local.sagemaker.containers.layout import Layout
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.logs import TRAINING_GROUP, Stream
from lakeloop.local.sagemaker.objects import S3Uri
from lakeloop.local.sagemaker.quotas import exceeded
from lakeloop.local.sagemaker.training.channels import DownloadError, download, input_files
from lakeloop.local.sagemaker.training.entry import Entry, entry
from lakeloop.local.sagemaker.training.folder import HOST, failure, pack, prepare
from lakeloop.local.sagemaker.training.images import image
from lakeloop.local.sagemaker.training.metrics import MetricReader, Observation, definitions
from lakeloop.local.sagemaker.training.state import advance

log = logging.getLogger(__name__)
# Enough of the output to explain the end of a user's program.
REMEMBERED_LINES = 50
ABANDONED = "abandoned"


class JobError(Exception):
    """The job ends with this as its FailureReason."""


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
    """`run` ends when the job has ended, or, after `abandon`, at once and without a trace in its state."""

    def __init__(self, backends: Backends, name: str, watcher: Watcher) -> None:
        self._backends = backends
        self._name = name
        self._watcher = watcher
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        # Why it is to end early: the secondary status that it will have, or ABANDONED.
        self._ending = ""
        self._reader = MetricReader({})
        self._output: deque[str] = deque(maxlen=REMEMBERED_LINES)
        self._stream = Stream(TRAINING_GROUP, f"{name}/{HOST}-{int(time.time())}")

    def stop(self, secondary: str = "Stopped") -> None:
        """Have the container save what it wants to save; what it leaves is uploaded."""
        self._end_early(secondary, self._backends.settings.stop_grace_seconds)

    def abandon(self) -> None:
        """The server ends; the job stays in progress, and the next server starts it again."""
        self._end_early(ABANDONED, 0)

    def _end_early(self, why: str, grace_seconds: float) -> None:
        with self._lock:
            if self._ending not in ("", why) and why != ABANDONED:
                return
            self._ending = why
            process = self._process
        if process is not None:
            threading.Thread(target=stop, args=(process, grace_seconds), name=f"end of {self._name}").start()

    def run(self) -> None:
        try:
            self._run()
        except (JobError, DownloadError) as error:
            self._fail(str(error))
        except (ClientError, BotoCoreError, OSError) as error:
            log.exception("training job %s failed", self._name)
            self._fail(f"InternalServerError: {error}")
        if self._ending != ABANDONED:
            self._watcher.finished(self._name)

    def _run(self) -> None:
        work = self._backends.settings.state_dir / "training" / self._name
        shutil.rmtree(work, ignore_errors=True)
        layout = Layout(work / "ml")
        try:
            job = self._prepare(layout)
            if not self._ending:
                self._train(job, layout)
            if self._ending != ABANDONED:
                self._upload(job, layout)
                self._end(self._ending or "Completed", "Stopped" if self._ending else "Completed")
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _prepare(self, layout: Layout) -> Document:
        job = advance(self._backends, self._name, "Downloading", TrainingStartTime=time.time())
        used = image(job["AlgorithmSpecification"].get("TrainingImage", ""))
        if used.problem:
            raise JobError(f"ClientError: {used.problem}")
        if used.remark:
            self._log(used.remark)
        if short := self._short_of_spot(job):
            raise JobError(f"ResourceLimitExceeded: {short}")
        if job["ResourceConfig"].get("InstanceCount", 1) > 1:
            self._log("several instances are one here: the job is not distributed")
        self._reader = MetricReader(definitions(job))
        prepare(layout, job)
        for channel in job.get("InputDataConfig", []):
            files = input_files(channel["DataSource"]["S3DataSource"], self._backends.objects)
            download(files, layout.channel(channel["ChannelName"]), self._backends.objects)
        return job

    def _short_of_spot(self, job: Document) -> str:
        """A tuning job is taken before its trials ask for instances; that a quota is too low they say themselves."""
        if not ("TuningJobArn" in job and job.get("EnableManagedSpotTraining")):
            return ""
        wanted = job["ResourceConfig"]
        return exceeded(self._backends.faults.current, wanted.get("InstanceType", ""), "spot training job usage")

    def _train(self, job: Document, layout: Layout) -> None:
        """Raises JobError when the container fails."""
        started = entry(job, layout, self._backends.objects, mounted=self._backends.launcher.mounts)
        advance(self._backends, self._name, "Training")
        if any(part in self._name for part in self._backends.faults.current.failing_training_jobs):
            raise JobError("AlgorithmError: a fault was asked for, exit code: 1")
        process = self._start(job, layout, started)
        limit = threading.Timer(job["StoppingCondition"]["MaxRuntimeInSeconds"], self.stop, ["MaxRuntimeExceeded"])
        limit.daemon = True
        limit.start()
        try:
            status = self._listen(process)
        finally:
            limit.cancel()
        if status != 0 and not self._ending:
            reason = failure(layout) or started.unexplained(status, list(self._output))
            raise JobError(f"AlgorithmError: {reason}, exit code: {status}")

    def _start(self, job: Document, layout: Layout, started: Entry) -> subprocess.Popen[str]:
        process = self._backends.launcher.start(
            Container(
                started.command,
                layout.root,
                started.environment,
                network=not job.get("EnableNetworkIsolation"),
                folder=str(started.folder.relative_to(layout.root)),
            )
        )
        with self._lock:
            self._process = process
            ending = self._ending
        if ending:
            stop(process, 0)
        return process

    def _listen(self, process: subprocess.Popen[str]) -> int:
        """Until the container ends; its exit status."""
        assert process.stdout is not None  # noqa: S101 - the launcher makes it a pipe
        for line in process.stdout:
            # CloudWatch shows the tabs of XGBoost's evaluation lines like this, and metrics are read from there.
            text = line.rstrip("\n").replace("\t", "#011")
            self._log(text)
            for observation in self._reader.read(text):
                self._watcher.observed(self._name, observation)
                self._backends.training_metrics.record(self._name, observation)
        return process.wait()

    def _log(self, line: str) -> None:
        self._output.append(line)
        self._backends.logs.write(self._stream, line)

    def _upload(self, job: Document, layout: Layout) -> None:
        advance(self._backends, self._name, "Uploading")
        model = job["ModelArtifacts"]["S3ModelArtifacts"]
        for folder, uri in (
            (layout.model, S3Uri.parse(model)),
            (layout.output_data, S3Uri.parse(model.rpartition("/")[0]).below("output.tar.gz")),
        ):
            archive = layout.root.parent / Path(uri.key).name
            if pack(folder, archive):
                self._backends.objects.upload(archive, uri)

    def _fail(self, reason: str) -> None:
        if self._ending != ABANDONED:
            self._end("Failed", "Failed", FailureReason=reason[:1024])

    def _end(self, secondary: str, status: str, **fields: object) -> None:
        now = time.time()
        job = self._backends.store.find(Kind.TRAINING_JOB, self._name) or {}
        # AWS bills and reports whole seconds, and clients divide by them.
        seconds = max(1, round(now - job.get("TrainingStartTime", now)))
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
            BillableTimeInSeconds=seconds,
            FinalMetricDataList=metrics or None,
        )
