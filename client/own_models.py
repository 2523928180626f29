"""Models that a person's own program trained: judged, registered and deployed as those of the loop's jobs are."""

import io
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lakeloop import names
from lakeloop.adapters.candidates import SageMakerCandidates
from lakeloop.adapters.model_contracts import S3ModelContracts
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.s3 import S3Artifacts, S3Evaluations
from lakeloop.adapters.sagemaker import SageMakerModels
from lakeloop.adapters.transforms import SageMakerTransforms
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.waiting import Look, Note, Waiter
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import contract_digest, kept
from lakeloop.deployment.ports import TrainedModel
from lakeloop.evaluation.document import Trial
from lakeloop.evaluation.importance import MODEL
from lakeloop.evaluation.ports import Candidates
from lakeloop.evaluation.service import EvaluationService
from lakeloop.messages import JudgeAgain, Message
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelRegistry, ModelVersion, Registration
from lakeloop.reports import now
from lakeloop.settings import EvaluationSettings

EVALUATE = "evaluate_model"
# What a batch transform of the most rows that are scored takes, with the start of its instance.
JUDGED_SECONDS = 3600
# A look asks as much of SageMaker as the function does when it is woken.
SECONDS_BETWEEN_LOOKS = 5.0
LAKE_SECONDS = 60
HELD = "its program was told not to deploy it"


@dataclass(frozen=True)
class Search:
    """What a program tried on one commit; `name` is in the manner of tuning jobs, `repository` lakeFS's.

    `author` says who or what ran it, in words of its own.
    """

    name: str
    repository: str
    commit: str
    contract: DatasetContract
    trials: tuple[Trial, ...]
    began: datetime
    author: str


def search_name(environment: Environment, contract: DatasetContract, commit: str, run: str) -> str:
    """The name of a program's run, the same whenever it is asked for."""
    return names.tuning_job(environment.outputs.name_prefix, contract.name, commit, contract_digest(contract), run)


class OwnModels:
    """The gate of the loop, for models that no tuning job made; it is set as the deployed evaluate_model is."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._settings = deployed_settings(environment)
        self._artifacts = S3Artifacts(environment.s3, environment.outputs.artifacts_bucket)

    def judge(self, search: Search, best: Trial, booster: bytes, *, deploy: bool, note: Note) -> ModelVersion:
        """Register the model of the best trial with the verdict of the promotion rule; again, it is the same version.

        `booster` is what XGBoost saves. What the rule approves is deployed by the loop where `deploy` says so; else it
        waits for a person. Raises WaitedTooLongError where its test rows are not scored in an hour.
        """
        trained = self._kept(search, best, booster)
        service = self._service(
            OwnCandidates(SageMakerCandidates(self._environment.sagemaker), search, trained), deploy
        )
        woken = _message(JudgeAgain(dataset=search.contract.name, tuning_job=search.name))
        dataset = Dataset(self._environment, search.contract.name)

        def look() -> Look[ModelVersion]:
            service.handle(woken)
            return Look(f"the model of {search.name} is being scored", dataset.version_of(search.name))

        return Waiter(guard=lambda: None, seconds_between_looks=SECONDS_BETWEEN_LOOKS).wait(
            f"the verdict on the model of {search.name}",
            look,
            seconds=JUDGED_SECONDS,
            note=note,
            advice="look at the batch transforms of that name in SageMaker, then resume",
        )

    def _kept(self, search: Search, best: Trial, booster: bytes) -> TrainedModel:
        """The model where the registry finds it, its contract, and its commit safe from garbage collection."""
        outputs, contract = self._environment.outputs, search.contract
        lake = self._environment.lake_within(LAKE_SECONDS)
        lake.ensure_branch(search.repository, names.keep_branch(search.name), at=search.commit, hidden=False)
        digest = contract_digest(contract)
        self._artifacts.put(names.model_contract_key(digest), kept(contract))
        key = f"{names.training_folder(contract.name)}{search.name}/{best.name}/output/model.tar.gz"
        tags = {
            names.ENVIRONMENT_TAG: outputs.name_prefix,
            names.DATASET_TAG: contract.name,
            names.REPOSITORY_TAG: search.repository,
            names.COMMIT_TAG: search.commit,
            names.CONTRACT_TAG: digest,
            names.CORRELATION_TAG: search.name,
            names.REASON_TAG: "person",
            names.WHY_TAG: names.tag_value(search.author),
        }
        if search.commit != lake.head(search.repository):
            tags[names.PINNED_TAG] = "true"
        return TrainedModel(
            tuning_job=search.name,
            status="Completed",
            training_job=best.name,
            artifact=self._artifacts.put(key, archived(booster)),
            metric=f"validation:{contract.metric}",
            value=best.value or 0.0,
            created=search.began,
            tags=tags,
        )

    def _service(self, candidates: Candidates, deploy: bool) -> EvaluationService:
        environment, settings = self._environment, self._settings
        s3, bucket = environment.s3, environment.outputs.artifacts_bucket
        registry = SageMakerRegistry(environment.sagemaker)
        return EvaluationService(
            contracts=environment.contracts,
            model_contracts=S3ModelContracts(s3, bucket),
            lake=environment.lake_within(LAKE_SECONDS),
            candidates=candidates,
            models=SageMakerModels(environment.sagemaker, environment.placements),
            transforms=SageMakerTransforms(environment.sagemaker),
            registry=registry if deploy else HoldingRegistry(registry),
            evaluations=S3Evaluations(s3, bucket),
            reports=S3StepReports(s3, bucket),
            name_prefix=environment.outputs.name_prefix,
            image=settings.xgboost_image,
            role_arn=settings.execution_role_arn,
            kms_key_arn=settings.kms_key_arn,
            git_sha=settings.git_sha,
        )


@dataclass(frozen=True)
class OwnCandidates:
    """One search of a program's beside the tuning jobs that SageMaker knows."""

    jobs: Candidates
    search: Search
    trained: TrainedModel

    def tuning_status(self, tuning_job: str) -> tuple[str, str]:
        return ("Completed", "") if self._is_own(tuning_job) else self.jobs.tuning_status(tuning_job)

    def tuning_tags(self, tuning_job: str) -> Mapping[str, str]:
        return self.trained.tags if self._is_own(tuning_job) else self.jobs.tuning_tags(tuning_job)

    def tuning_created(self, tuning_job: str) -> datetime | None:
        return self.search.began if self._is_own(tuning_job) else self.jobs.tuning_created(tuning_job)

    def trials(self, tuning_job: str) -> Sequence[Trial]:
        return self.search.trials if self._is_own(tuning_job) else self.jobs.trials(tuning_job)

    def best_model(self, tuning_job: str) -> TrainedModel | None:
        return self.trained if self._is_own(tuning_job) else self.jobs.best_model(tuning_job)

    def _is_own(self, tuning_job: str) -> bool:
        return tuning_job == self.search.name


class HoldingRegistry:
    """Registers what the rule approves as what waits for a person: nothing of it is deployed unasked."""

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry = registry
        self.versions = registry.versions
        self.version = registry.version

    def register(self, registration: Registration) -> ModelVersion:
        approval, why, metadata = _held(registration.approval, registration.why, registration.metadata)
        return self._registry.register(replace(registration, approval=approval, why=why, metadata=metadata))

    def decide(self, arn: str, approval: Approval, why: str, metadata: Mapping[str, str]) -> None:
        self._registry.decide(arn, *_held(approval, why, metadata))


def deployed_settings(environment: Environment) -> EvaluationSettings:
    """What evaluate_model was told when it was deployed: the image, the role, the key."""
    name = environment.outputs.functions[EVALUATE].name
    told = environment.lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    return EvaluationSettings.model_validate(told)


def archived(booster: bytes) -> bytes:
    """The model.tar.gz that the built-in XGBoost reads."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo(MODEL)
        member.size = len(booster)
        archive.addfile(member, io.BytesIO(booster))
    return packed.getvalue()


def _held(approval: Approval, why: str, metadata: Mapping[str, str]) -> tuple[Approval, str, Mapping[str, str]]:
    if approval is not Approval.APPROVED:
        return approval, why, metadata
    return Approval.PENDING, f"{HELD}; {why}", {**metadata, lineage.RULED: Approval.PENDING}


def _message(judge: JudgeAgain) -> Message:
    return Message(id="", body=judge.model_dump_json(), attempts=1, receipt_handle="", sent=now().timestamp())
