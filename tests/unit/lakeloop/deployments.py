"""Endpoints, versions and events for tests of deployment."""

from dataclasses import dataclass, field

from lakeloop import names
from lakeloop.contract import DatasetContract, Serverless, Serving
from lakeloop.deployment.ports import EndpointState
from lakeloop.deployment.service import DeploymentService
from lakeloop.messages import JudgeAgain, Message
from lakeloop.observability import metrics
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion, Registration
from tests.data import tiny
from tests.fakes import (
    Crash,
    MemoryContracts,
    MemoryHosting,
    MemoryModelContracts,
    MemoryPlacements,
    MemoryPublisher,
    MemoryRegistry,
    MemoryReports,
    MemorySwitches,
    MemoryWatch,
    message,
)

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::000000000000:role/r"
ENDPOINT = "lakeloop-test-tiny"
OWNER = "lakeloop-test"
JOB, NEXT_JOB = "lakeloop-test-000000000001", "lakeloop-test-000000000002"
ARTIFACT = f"s3://artifacts/{JOB}/model.tar.gz"
# Than what `tiny` is served with.
LARGER = Serving(serverless=Serverless(memory_mb=4096, max_concurrency=5))


def state(
    status: str = "InService",
    config: str = "old",
    desired: str = "old",
    reason: str = "",
    pending: str = "",
    **tags: str,
) -> EndpointState:
    ours = {names.ENVIRONMENT_TAG: OWNER, names.DATASET_TAG: "tiny", names.DESIRED_CONFIG_TAG: desired}
    return EndpointState(ENDPOINT, status, config, reason, {**ours, **tags}, pending)


def package_event(group: str = ENDPOINT, **detail: object) -> Message:
    detail = {"ModelPackageGroupName": group, "ModelApprovalStatus": "Approved", **detail}
    return message({"detail-type": "SageMaker Model Package State Change", "detail": detail})


def endpoint_event(name: str = ENDPOINT) -> Message:
    return message({"detail-type": "SageMaker Endpoint State Change", "detail": {"EndpointName": name}})


@dataclass
class Deployments:
    """deploy_model with all around it in memory."""

    contract: DatasetContract = field(default_factory=tiny)
    owner: str = OWNER
    slow: bool = False
    crash: Crash = field(default_factory=Crash)

    def __post_init__(self) -> None:
        self.hosting = MemoryHosting(crash=self.crash, slow=self.slow)
        self.placements = MemoryPlacements(self.owner, crash=self.crash)
        self.model_contracts = MemoryModelContracts()
        self.watch = MemoryWatch()
        self.registry = MemoryRegistry(crash=self.crash)
        self.evaluator: MemoryPublisher[JudgeAgain] = MemoryPublisher(crash=self.crash)
        self.switches = MemorySwitches()
        self.reports = MemoryReports(crash=self.crash)

    @property
    def endpoint(self) -> str:
        return names.endpoint(self.owner, self.contract.name)

    @property
    def state(self) -> EndpointState:
        return self.hosting.endpoints[self.endpoint]

    @property
    def calls(self) -> list[str]:
        return [call.split()[0] for call in self.hosting.calls]

    @property
    def served(self) -> str:
        """The version of what the endpoint's config is made of."""
        return self.hosting.made[self.state.config][names.MODEL_PACKAGE_TAG]

    @property
    def approvals(self) -> list[str]:
        return [version.approval.value for version in self.registry.packages.values()]

    def why(self, version: ModelVersion) -> str:
        return self.registry.packages[version.arn].why

    def service(self, contract: DatasetContract | None = None) -> DeploymentService:
        return DeploymentService(
            contracts=MemoryContracts(contract or self.contract),
            hosting=self.hosting,
            placements=self.placements,
            model_contracts=self.model_contracts,
            watch=self.watch,
            registry=self.registry,
            evaluator=self.evaluator,
            switches=self.switches,
            reports=self.reports,
            name_prefix=self.owner,
            role_arn=ROLE,
        )

    def judged(
        self, job: str = JOB, approval: Approval = Approval.APPROVED, champion: str = lineage.NOBODY, **metadata: str
    ) -> ModelVersion:
        """A version as evaluate_model registers it."""
        told = {
            lineage.DATASET: self.contract.name,
            lineage.TUNING_JOB: job,
            lineage.TRAINING_JOB: f"{job}-001",
            lineage.CHAMPION: champion,
            lineage.DECIDED_BY: lineage.RULE,
            lineage.RULED: approval,
        }
        registration = Registration(
            group=self.endpoint,
            token=job,
            approval=approval,
            why="better",
            artifact=f"s3://artifacts/{job}/model.tar.gz",
            image=IMAGE,
            evaluation="",
            metadata={**told, **metadata},
            tags={},
        )
        return self.registry.register(registration)

    def handle(self, event: Message) -> None:
        self.service().handle(event)

    def deploy(self, job: str = JOB, champion: str = lineage.NOBODY) -> ModelVersion:
        """A version that serves in the end."""
        version = self.judged(job, champion=champion)
        self.handle(package_event(self.endpoint))
        self.settle()
        metrics.clear_metrics()
        return version

    def settle(self, failure: str = "") -> None:
        """What is under way with the endpoint ends, and SageMaker tells so, twice as it may."""
        self.hosting.settle(self.endpoint, failure)
        for _ in range(2):
            self.handle(endpoint_event(self.endpoint))

    def report(self) -> tuple[bool, str]:
        said = self.reports.reports[self.contract.name, "deploy_model"]
        return said.good, said.why
