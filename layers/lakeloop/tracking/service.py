"""Records what training, evaluation and deployment did, for people who look at experiments."""

import io
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from lakeloop import names
from lakeloop.contract.ports import Contracts
from lakeloop.contract.tracking import IN_MLFLOW
from lakeloop.deployment.decision import SERVING
from lakeloop.deployment.ports import Served
from lakeloop.errors import PermanentError, PredictionError, UnknownDatasetError
from lakeloop.messages import Message
from lakeloop.observability import logger, metrics
from lakeloop.registry import lineage
from lakeloop.registry.ports import ModelVersion, Packages
from lakeloop.serving.ports import ModelContracts
from lakeloop.state_changes import EndpointStateChange, PackageStateChange, TuningStateChange, parse
from lakeloop.tracking.jobs import Jobs, Objects, TuningJob
from lakeloop.tracking.model import BOOSTER
from lakeloop.tracking.packing import packed
from lakeloop.tracking.ports import Catalog, Files, Tracker
from lakeloop.tracking.recording import Recorder
from lakeloop.tracking.versions import aliases, catalog_version
from lakeloop.training.ports import Leases

# Longer than the function may run, so that whoever lost it is dead; then the next one takes over.
LEASE_SECONDS = 330
# What is brought to the tracker for one event; what an event did not tell of, the next one finds.
NEWEST = 10


class TrackingService:
    """The work of `record_experiment`. An event only wakes it: it records what SageMaker says by then.

    So events may come late, twice and in any order. Nothing of the loop waits for it.
    """

    def __init__(
        self,
        *,
        jobs: Jobs,
        contracts: Contracts,
        served: Served,
        packages: Packages,
        model_contracts: ModelContracts,
        objects: Objects,
        tracker: Tracker,
        catalog: Catalog,
        leases: Leases,
        name_prefix: str,
    ) -> None:
        self._jobs = jobs
        self._recorder = Recorder(jobs, model_contracts, objects, tracker)
        self._contracts = contracts
        self._served = served
        self._packages = packages
        self._model_contracts = model_contracts
        self._objects = objects
        self._catalog = catalog
        self._leases = leases
        self._name_prefix = name_prefix

    def handle(self, message: Message) -> None:
        change = parse(message.body)
        if isinstance(change, TuningStateChange):
            self._tuning_ended(change.detail.name)
        elif isinstance(change, PackageStateChange):
            self._versions_changed(names.dataset_of(self._name_prefix, change.detail.group))
        elif isinstance(change, EndpointStateChange):
            self._versions_changed(names.dataset_of(self._name_prefix, change.detail.name))
        else:
            raise PermanentError(f"record_experiment was told of a {change.detail_type}: run `terraform apply`")

    def _tuning_ended(self, name: str) -> None:
        job = self._jobs.job(name)
        if job is None:
            logger.info("a tuning job of somebody else ended", extra={"tuning_job": name})
            return
        dataset = job.tags[names.DATASET_TAG]
        if not self._is_shown(dataset):
            return
        with self._alone(dataset):
            self._record(job)

    def _versions_changed(self, dataset: str) -> None:
        """Of a dataset whose versions, or what its endpoint serves, are others now."""
        group = names.endpoint(self._name_prefix, dataset)
        if not self._is_shown(dataset):
            return
        with self._alone(dataset):
            versions = list(islice(self._packages.versions(group), NEWEST))
            served = self._package(group)
            if served and served not in {version.arn for version in versions}:
                versions += filter(None, [self._packages.version(served)])
            for version in reversed(versions):
                self._record_version(dataset, version)
            self._point(dataset, versions, served)

    def _is_shown(self, dataset: str) -> bool:
        """Whether its contract wants it here; what runs on after its contract went is shown to its end."""
        try:
            tracking = self._contracts.get(dataset).tracking
        except UnknownDatasetError:
            return True
        if tracking not in IN_MLFLOW:
            logger.info("its contract has it recorded elsewhere", extra={"dataset": dataset, "tracking": tracking})
        return tracking in IN_MLFLOW

    def _package(self, endpoint: str) -> str:
        """The ARN of the version that an endpoint answers with, by its config; empty where none does."""
        state = self._served.endpoint(endpoint)
        config = self._served.served(state.config) if state and state.status in SERVING else None
        return config.tags.get(names.MODEL_PACKAGE_TAG, "") if config else ""

    def _record(self, job: TuningJob) -> None:
        trials = self._recorder.record_job(job)
        metrics.add_metric(name="TrialsRecorded", unit="Count", value=trials)
        logger.info("recorded" if trials else "recorded before", extra={"tuning_job": job.name, "trials": trials})

    def _record_version(self, dataset: str, version: ModelVersion) -> None:
        """Its evaluation, and its entry in the catalog; the job that made it first, whose event may come later."""
        job = self._recorder.job_of(version)
        if job is None:
            logger.info("a version without a tuning job that is known", extra={"model": version.arn})
            return
        self._record(job)
        self._recorder.record_evaluation(job, version)
        self._show(dataset, version)

    def _show(self, dataset: str, version: ModelVersion) -> None:
        entry = catalog_version(version)
        number = self._catalog.add(dataset, entry, lambda: self._files(version))
        self._catalog.describe(dataset, number, entry)
        self._jobs.link(entry.run, f"models:/{dataset}/{number}")

    def _point(self, dataset: str, versions: Sequence[ModelVersion], served: str) -> None:
        for alias, arn in aliases(versions, served).items():
            self._catalog.point(dataset, alias, self._catalog.number(dataset, arn) if arn else None)

    def _files(self, version: ModelVersion) -> Files:
        """What MLflow loads the model from."""
        archive = self._objects.read(version.artifact)
        if archive is None:
            raise PermanentError(f"{version.artifact} of {version.arn} is gone", subject=version.arn)
        try:
            contract = self._model_contracts.get(version.metadata.get(lineage.CONTRACT, ""))
        except PredictionError as error:
            raise PermanentError(f"{version.arn} cannot be recorded: {error}", subject=version.arn) from error
        return packed(contract, booster_of(archive))

    @contextmanager
    def _alone(self, dataset: str) -> Iterator[None]:
        """One writer a dataset: trackers make a second run of the same name without a word."""
        lease = self._leases.take(dataset, LEASE_SECONDS)
        try:
            yield
        finally:
            lease.release()


def booster_of(archive: bytes) -> bytes:
    """The model in a model.tar.gz of the built-in XGBoost."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed_files:
        found = packed_files.extractfile(BOOSTER)
        if found is None:
            raise PermanentError(f"the model's archive holds no file {BOOSTER}")
        return found.read()
