"""Starts tuning on the head of main once enough of it is new."""

from lakeloop import names
from lakeloop.artifacts import Artifacts
from lakeloop.contract import DatasetContract
from lakeloop.contract.ports import Contracts
from lakeloop.errors import PermanentError
from lakeloop.lake.ports import Lake
from lakeloop.messages import DataCommitted, Message
from lakeloop.observability import logger
from lakeloop.training.decision import decide, new_rows
from lakeloop.training.manifest import manifest
from lakeloop.training.ports import Tuner
from lakeloop.training.tuning_job import fingerprint, tuning_request

CHANNELS = ("train", "validation")


class TrainingService:
    """The work of `start_tuning`. A message only wakes it: it decides on main as it is, so order does not matter."""

    def __init__(
        self,
        *,
        contracts: Contracts,
        lake: Lake,
        artifacts: Artifacts,
        tuner: Tuner,
        name_prefix: str,
        image: str,
        role_arn: str,
    ) -> None:
        self._contracts = contracts
        self._lake = lake
        self._artifacts = artifacts
        self._tuner = tuner
        self._name_prefix = name_prefix
        self._image = image
        self._role_arn = role_arn

    def handle(self, message: Message) -> None:
        woken_by = DataCommitted.parse(message.body)
        contract = self._contracts.get(woken_by.dataset)
        head = self._lake.head(woken_by.repository)
        last = self._tuner.latest(names.tuning_job_prefix(self._name_prefix, contract.name))
        rows = new_rows(self._lake.log(woken_by.repository, head), last.commit if last else "")
        decision = decide(contract.retrain, head=head, rows=rows, last=last)
        logger.info(
            "retrain?", extra={"dataset": contract.name, "commit": head, "start": decision.start, "why": decision.why}
        )
        if decision.start:
            self._start(contract, woken_by, head)

    def _start(self, contract: DatasetContract, woken_by: DataCommitted, commit: str) -> None:
        """Pin the job to the commit: its name, its manifests and its tags all say which."""
        job = names.tuning_job(self._name_prefix, contract.name, commit, fingerprint(contract, self._image))
        request = tuning_request(
            contract,
            job_name=job,
            image=self._image,
            role_arn=self._role_arn,
            manifests={split: self._manifest(contract.name, woken_by.repository, commit, split) for split in CHANNELS},
            output_uri=self._artifacts.uri(f"training/{contract.name}/{job}/"),
        )
        tags = {
            names.ENVIRONMENT_TAG: self._name_prefix,
            names.DATASET_TAG: contract.name,
            names.REPOSITORY_TAG: woken_by.repository,
            names.COMMIT_TAG: commit,
            names.CORRELATION_TAG: woken_by.correlation_id,
        }
        started = self._tuner.start(request, tags)
        logger.info("tuning started" if started else "tuning was started before", extra={"tuning_job": job, **tags})

    def _manifest(self, dataset: str, repository: str, commit: str, split: str) -> str:
        objects = list(self._lake.objects(repository, commit, f"{split}/"))
        if not objects:
            raise PermanentError(
                f"commit {commit} of {repository} has no rows in its {split} split: drop more data",
                subject=f"lakefs://{repository}/{commit}/{split}/",
            )
        return self._artifacts.put(names.manifest_key(dataset, commit, split), manifest(objects))
