"""One transform job: a model's container, every input file through it, an output file for each."""

import gzip
import logging
import shutil
import threading
import time

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.hosting.errors import FleetError
from lakeloop.local.sagemaker.hosting.instance import Instance
from lakeloop.local.sagemaker.logs import TRANSFORM_GROUP, Stream
from lakeloop.local.sagemaker.objects import S3Uri
from lakeloop.local.sagemaker.training.channels import DownloadError, InputFile, input_files
from lakeloop.local.sagemaker.transform.filters import ColumnFilter
from lakeloop.local.sagemaker.transform.records import PayloadError, batches, split
from lakeloop.local.sagemaker.transform.state import RUNNING, enter

log = logging.getLogger(__name__)
DEFAULT_PAYLOAD_MB = 6


class JobError(Exception):
    """The job ends with this as its FailureReason."""


class StoppedError(Exception):
    """Somebody called StopTransformJob, or the server ends."""


class TransformRun:
    def __init__(self, backends: Backends, job: Document, stopped: threading.Event) -> None:
        self._backends = backends
        self._job = job
        self._stopped = stopped
        self._name: str = job["TransformJobName"]
        self._stream = Stream(TRANSFORM_GROUP, f"{self._name}/i-local-{int(time.time())}")

    def run(self) -> None:
        """Raises StoppedError when it is to end early."""
        started = time.time()
        self._backends.store.change(Kind.TRANSFORM_JOB, self._name, TransformStartTime=started)
        try:
            self._transform_all()
        except (JobError, PayloadError, DownloadError, FleetError) as error:
            self._end("Failed", FailureReason=str(error)[:1024])
        except (ClientError, BotoCoreError, OSError) as error:
            log.exception("transform job %s failed", self._name)
            self._end("Failed", FailureReason=f"InternalServerError: {error}"[:1024])
        else:
            self._end("Completed")

    def _end(self, status: str, **fields: object) -> None:
        enter(self._backends, self._name, status, **fields, TransformEndTime=time.time())

    def _transform_all(self) -> None:
        source = self._job["TransformInput"]["DataSource"]["S3DataSource"]
        files = input_files(source, self._backends.objects)
        model = self._backends.store.find(Kind.MODEL, self._job["ModelName"])
        if model is None:
            raise JobError(f"ClientError: model {self._job['ModelName']} is gone")
        folder = self._backends.settings.state_dir / "transform" / self._name
        shutil.rmtree(folder, ignore_errors=True)
        environment = {**self._job.get("Environment", {}), "SAGEMAKER_BATCH": "true"}
        instance = Instance(self._backends, model, folder, self._stream, environment)
        try:
            instance.start()
            if not instance.wait_until_healthy(time.monotonic() + self._backends.settings.start_timeout_seconds):
                raise JobError("ClientError: the container did not pass the ping health check. See job logs.")
            for file in files:
                self._transform(file, instance)
        finally:
            instance.stop()

    def _transform(self, file: InputFile, instance: Instance) -> None:
        given, output = self._job["TransformInput"], self._job["TransformOutput"]
        content = self._backends.objects.read(file.source)
        if given.get("CompressionType") == "Gzip":
            content = gzip.decompress(content)
        records = split(content, given.get("SplitType", "None"))
        largest = (self._job.get("MaxPayloadInMB") or DEFAULT_PAYLOAD_MB) * 1024 * 1024
        answers = [
            self._answer(batch, instance)
            for batch in batches(records, self._job.get("BatchStrategy", "MultiRecord"), largest)
        ]
        if output.get("AssembleWith") == "Line":
            lines = [line for answer in answers for line in answer.splitlines()]
            body = b"".join(line + b"\n" for line in lines)
        else:
            body = b"".join(answers)
        self._backends.objects.write(S3Uri.parse(output["S3OutputPath"]).below(f"{file.path}.out"), body)

    def _answer(self, batch: list[bytes], instance: Instance) -> bytes:
        """What the output shows for the records of one request."""
        processing = self._job.get("DataProcessing")
        if not processing:
            return self._invoke(b"\n".join(batch), instance)
        rows = [record.decode().split(",") for record in batch]
        chosen = ColumnFilter.parse(processing.get("InputFilter", "$"))
        payload = "\n".join(",".join(chosen.apply(row)) for row in rows).encode()
        scores = [line.split(",") for line in self._invoke(payload, instance).decode().splitlines()]
        if len(scores) != len(rows):
            raise JobError(f"ClientError: the model answered {len(scores)} records to {len(rows)}.")
        if processing.get("JoinSource") == "Input":
            scores = [[*row, *score] for row, score in zip(rows, scores, strict=True)]
        shown = ColumnFilter.parse(processing.get("OutputFilter", "$"))
        return "\n".join(",".join(shown.apply(row)) for row in scores).encode() + b"\n"

    def _invoke(self, payload: bytes, instance: Instance) -> bytes:
        if self._stopped.is_set():
            raise StoppedError
        given, output = self._job["TransformInput"], self._job["TransformOutput"]
        headers = {"Content-Type": given.get("ContentType", ""), "Accept": output.get("Accept", "")}
        try:
            answer = instance.invoke(payload, {name: value for name, value in headers.items() if value})
        except urllib3.exceptions.HTTPError as error:
            raise JobError(f"AlgorithmError: the container gave no answer: {error}") from error
        if answer.status >= 400:
            self._backends.logs.write(
                self._stream, f"Bad HTTP status received from algorithm: {answer.status} {answer.body.decode()}"
            )
            fault = "ClientError" if answer.status < 500 else "AlgorithmError"
            raise JobError(f"{fault}: See job logs for more information")
        return answer.body


class TransformRuns:
    """The transform jobs that run now."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._lock = threading.Lock()
        self._running: dict[str, threading.Event] = {}
        self._closing = False

    def start(self, name: str) -> None:
        stopped = threading.Event()
        with self._lock:
            self._running[name] = stopped
        threading.Thread(target=self._run, args=(name, stopped), name=f"transform {name}", daemon=True).start()

    def resume(self) -> None:
        """Start again what an earlier server left running."""
        for job in self._backends.store.all(Kind.TRANSFORM_JOB):
            if job["TransformJobStatus"] in RUNNING:
                self.start(job["TransformJobName"])
                if job["TransformJobStatus"] == "Stopping":
                    self.stop(job["TransformJobName"])

    def stop(self, name: str) -> None:
        with self._lock:
            if stopped := self._running.get(name):
                stopped.set()

    def close(self) -> None:
        self._closing = True
        with self._lock:
            for stopped in self._running.values():
                stopped.set()

    def _run(self, name: str, stopped: threading.Event) -> None:
        job = self._backends.store.find(Kind.TRANSFORM_JOB, name) or {}
        try:
            TransformRun(self._backends, job, stopped).run()
        except StoppedError:
            if not self._closing:
                enter(self._backends, name, "Stopped", TransformEndTime=time.time())
        except Exception:  # a defect of ours must not leave the job in progress for good
            log.exception("transform job %s failed", name)
            enter(self._backends, name, "Failed", FailureReason="InternalServerError: see the local SageMaker's log")
        with self._lock:
            self._running.pop(name, None)
