"""What deploy_model does with an endpoint while callers ask it twenty times a second: none of them is refused."""

from collections.abc import Iterator

import pytest

from lakeloop import names
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.adapters.sagemaker import SageMakerHosting
from lakeloop.adapters.watch import CloudWatchWatch
from lakeloop.deployment.service import DeploymentService
from lakeloop.messages import JudgeAgain
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion, Registration
from tests.contract.sagemaker.cloud import Cloud, eventually
from tests.contract.sagemaker.examples import IMAGE
from tests.contract.sagemaker.jobs import remove_endpoint
from tests.contract.sagemaker.updates import Callers, alarm_of, set_alarm
from tests.data import tiny
from tests.fakes import (
    MemoryContracts,
    MemoryModelContracts,
    MemoryPlacements,
    MemoryPublisher,
    MemoryReports,
    MemorySwitches,
)
from tests.unit.lakeloop.deployments import endpoint_event, package_event

# Watched for two seconds of the local service, twice.
SERVING = {
    "instances": {"instance_type": "ml.m5.large", "count": 2},
    "traffic": {"routing": "canary", "percent": 50, "bake_minutes": 2},
}


class Deployer:
    """deploy_model on the service; what it reads elsewhere is in memory."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.group = names.endpoint(cloud.prefix, "tiny")
        self.alarm = names.errors_alarm(self.group)
        self.registry = SageMakerRegistry(cloud.sagemaker)
        self.hosting = SageMakerHosting(cloud.sagemaker)
        self.reports = MemoryReports()
        evaluator: MemoryPublisher[JudgeAgain] = MemoryPublisher()
        self.service = DeploymentService(
            contracts=MemoryContracts(tiny(serving=SERVING)),
            hosting=self.hosting,
            placements=MemoryPlacements(cloud.prefix),
            model_contracts=MemoryModelContracts(),
            watch=CloudWatchWatch(cloud.cloudwatch),
            registry=self.registry,
            evaluator=evaluator,
            switches=MemorySwitches(),
            reports=self.reports,
            name_prefix=cloud.prefix,
            role_arn=cloud.role,
        )

    def approved(self, artifact: str) -> ModelVersion:
        """A version that a person approved."""
        registration = Registration(
            group=self.group,
            token=names.digest(self.cloud.name("version"), length=32),
            approval=Approval.APPROVED,
            why="the test says so",
            artifact=artifact,
            image=IMAGE,
            evaluation=f"s3://{self.cloud.bucket}/evaluation.json",
            metadata={lineage.DATASET: "tiny", lineage.DECIDED_BY: "ada"},
            tags={names.ENVIRONMENT_TAG: self.cloud.prefix},
        )
        return self.registry.register(registration)

    def deploy(self) -> None:
        """As the approval's event and those of the endpoint wake it, until the endpoint rests."""
        self.service.handle(package_event(self.group))
        eventually(lambda: self.status not in {"Creating", "Updating"} and self.status, "the endpoint")
        for _ in range(2):
            self.service.handle(endpoint_event(self.group))

    @property
    def status(self) -> str:
        state = self.hosting.endpoint(self.group)
        return state.status if state else ""

    @property
    def served(self) -> str:
        state = self.hosting.endpoint(self.group)
        found = self.hosting.served(state.config) if state else None
        return found.version if found else ""

    def verdict(self, version: ModelVersion) -> tuple[Approval, str]:
        found = self.registry.version(version.arn)
        assert found
        return found.approval, found.why


@pytest.fixture(scope="module")
def deployer(cloud: Cloud) -> Iterator[Deployer]:
    made = Deployer(cloud)
    with alarm_of(cloud, made.alarm):
        set_alarm(cloud, made.alarm, "OK")
        yield made
    remove_endpoint(cloud, made.group)


@pytest.fixture(scope="module")
def champion(deployer: Deployer, artifact: str) -> ModelVersion:
    version = deployer.approved(artifact)
    deployer.deploy()
    assert deployer.served == version.arn
    return version


def test_a_model_that_is_not_loaded_goes_back_without_a_failure(
    deployer: Deployer, cloud: Cloud, champion: ModelVersion
) -> None:
    broken = deployer.approved(cloud.put(f"{cloud.prefix}/broken/model.tar.gz", b"no archive"))
    callers = Callers(cloud, deployer.group)

    with callers.asking():
        deployer.deploy()

    assert callers.failures == []
    assert len(set(callers.answers)) == 1
    assert_refused(deployer, broken, champion, "its update was rolled back")


def test_an_alarm_during_the_canary_brings_requests_back_without_a_failure(
    deployer: Deployer, cloud: Cloud, champion: ModelVersion, other_artifact: str
) -> None:
    other = deployer.approved(other_artifact)
    callers = Callers(cloud, deployer.group)

    with callers.asking():
        deployer.service.handle(package_event(deployer.group))
        eventually(lambda: len(set(callers.answers)) == 2 or None, "the canary to answer")
        set_alarm(cloud, deployer.alarm, "ALARM")
        eventually(lambda: deployer.status == "InService" or None, "the way back")
        set_alarm(cloud, deployer.alarm, "OK")
        deployer.service.handle(endpoint_event(deployer.group))

    assert callers.failures == []
    assert_refused(deployer, other, champion, deployer.alarm)


def assert_refused(deployer: Deployer, version: ModelVersion, champion: ModelVersion, why: str) -> None:
    """It is marked and told, and the champion serves as before."""
    approval, said = deployer.verdict(version)
    assert approval is Approval.REJECTED
    assert why in said
    report = deployer.reports.reports["tiny", "deploy_model"]
    assert (report.good, " ".join(report.why.split())) == (False, f"version {version.version} is not served: {said}")
    assert deployer.served == champion.arn
    assert deployer.verdict(champion)[0] is Approval.APPROVED


def test_a_better_model_takes_its_place_by_a_canary_without_a_failure(
    deployer: Deployer, cloud: Cloud, champion: ModelVersion, other_artifact: str
) -> None:
    copy = cloud.put(f"{cloud.prefix}/better/model.tar.gz", cloud.get(other_artifact))
    better = deployer.approved(copy)
    callers = Callers(cloud, deployer.group)

    with callers.asking():
        deployer.deploy()

    assert callers.failures == []
    assert len(set(callers.answers)) == 2
    assert deployer.served == better.arn
    assert deployer.verdict(champion) == (Approval.REJECTED, f"superseded by version {better.version}")
    report = deployer.reports.reports["tiny", "deploy_model"]
    assert report.good
    assert "without evidence" not in report.why
