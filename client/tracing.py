"""Finding what somebody means by a name, and its chain from file to endpoint."""

import re
from collections.abc import Iterator

from lakeloop import names
from lakeloop.adapters.tuning import SageMakerTuner
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError
from lakeloop.client.models import Models, model_named
from lakeloop.ingest.notification import PREFIX
from lakeloop.lake.index import Index
from lakeloop.lineage.trace import Records, Trace, Tracer

_COMMIT = re.compile(r"[0-9a-f]{6,64}")
_TRIAL = re.compile(r"(?P<job>.+)-\d{3}-[0-9a-z]+")
NAMES = (
    "a file (DATASET/FILE or its address), a commit, a tuning or training job, a model (DATASET/VERSION), an endpoint, "
    "an inference id"
)


class Tracing:
    """Asks the systems of record of one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._tuner = SageMakerTuner(environment.sagemaker, environment.outputs.name_prefix)

    def trace(self, named: str) -> Trace:
        """Raises MistakenNameError where nothing is called so."""
        found = next(filter(None, self._tries(named)), None)
        if found is None:
            raise MistakenNameError(f"nothing is called {named}", f"name {NAMES}")
        return found

    def _tries(self, named: str) -> Iterator[Trace | None]:
        """What it may be, the likeliest first."""
        outputs = self._environment.outputs
        for name in outputs.datasets:
            if named in (name, names.endpoint(outputs.name_prefix, name)):
                yield self._tracer(name).endpoint()
        job = trial["job"] if (trial := _TRIAL.fullmatch(named)) else named
        if names.is_tuning_job(outputs.name_prefix, job):
            run = self._tuner.run(job)
            yield self._tracer(run.tags[names.DATASET_TAG]).job(job) if run else None
        if (model := model_named(self._environment, named)) and model[1]:
            yield self._tracer(model[0]).model(model[1])
        if file := self._file(named):
            yield self._tracer(file[0]).file(file[1])
        if _COMMIT.fullmatch(named):
            yield from (self._tracer(name).commit(named) for name in outputs.datasets)
        # polars takes a second to import, which other names need not wait for.
        from lakeloop.client.predicted import predicted  # noqa: PLC0415

        for found in predicted(self._environment, named):
            yield self._tracer(found.capture.dataset).prediction(found.capture, found.label, found.window)

    def _file(self, named: str) -> tuple[str, str] | None:
        """Dataset and address of a landed file."""
        bucket = f"s3://{self._environment.outputs.landing_bucket}/"
        below = named.removeprefix(bucket).removeprefix(PREFIX)
        dataset, slash, rest = below.partition("/")
        if not slash or not rest or dataset not in self._environment.outputs.datasets:
            return None
        return dataset, f"{bucket}{PREFIX}{below}"

    def _tracer(self, name: str) -> Tracer:
        dataset = Dataset(self._environment, name)
        models = Models(self._environment, dataset)
        lake, repository = self._environment.lake, dataset.repository

        def files_at(commit: str) -> Iterator[tuple[str, int]]:
            for _, entry in Index(lake, repository, commit).entries():
                yield entry.uri, entry.counts.total

        runs = list(self._tuner.runs(name))
        return Tracer(Records(name, list(dataset.log()), runs, models.versions, models.endpoint, files_at))
