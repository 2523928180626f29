"""Model versions, in SageMaker's registry and in memory: what holds of one holds of the other."""

from collections.abc import Callable

import pytest

from lakeloop import names
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelRegistry, Registration
from tests.contract.sagemaker.cloud import Cloud
from tests.contract.sagemaker.examples import IMAGE
from tests.fakes import MemoryRegistry

Register = Callable[..., Registration]
FIRST = "token-1"


@pytest.fixture(params=["SageMaker", "memory"])
def registry(request: pytest.FixtureRequest, cloud: Cloud) -> ModelRegistry:
    return SageMakerRegistry(cloud.sagemaker) if request.param == "SageMaker" else MemoryRegistry()


@pytest.fixture
def a_model(cloud: Cloud, artifact: str) -> Register:
    group = cloud.name("models")

    def registration(token: str = FIRST, approval: Approval = Approval.PENDING) -> Registration:
        metadata = {lineage.TUNING_JOB: token, lineage.VERDICT: 'AUC (0.97) beats 0.95 by 2%, "surely"', "none": ""}
        return Registration(
            group=group,
            token=token,
            approval=approval,
            why="better by 2 %",
            artifact=artifact,
            image=IMAGE,
            evaluation=f"s3://{cloud.bucket}/evaluations/{token}.json",
            metadata=metadata,
            tags={names.ENVIRONMENT_TAG: cloud.prefix},
        )

    return registration


def test_nothing_is_known_before_the_first_version(cloud: Cloud, registry: ModelRegistry) -> None:
    group = cloud.name("nobody")

    assert list(registry.versions(group)) == []
    assert registry.version(f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{group}/1") is None


def test_the_same_token_registers_one_version(registry: ModelRegistry, a_model: Register) -> None:
    first = registry.register(a_model())
    again = registry.register(a_model())
    other = registry.register(a_model("token-2"))

    assert again == first
    assert (first.version, other.version) == (1, 2)
    assert [found.arn for found in registry.versions(first.group)] == [other.arn, first.arn]


def test_a_version_says_what_was_registered(registry: ModelRegistry, a_model: Register, artifact: str) -> None:
    made = registry.register(a_model())

    found = registry.version(made.arn)
    assert found == made
    assert (found.artifact, found.image, found.why) == (artifact, IMAGE, "better by 2 %")
    assert found.evaluation.endswith("/evaluations/token-1.json")
    assert found.metadata == {"tuning_job": "token-1", "verdict": "AUC 0.97 beats 0.95 by 2 surely"}


def test_a_decision_is_read_back_with_its_reason(registry: ModelRegistry, a_model: Register) -> None:
    arn = registry.register(a_model()).arn
    group = registry.register(a_model("token-2", Approval.REJECTED)).group

    registry.decide(arn, Approval.APPROVED, "a person says so", {lineage.DECIDED_BY: "arn:aws:iam::1:user/ann"})

    found = registry.version(arn)
    assert found is not None
    assert (found.approval, found.why) == (Approval.APPROVED, "a person says so")
    assert found.metadata["tuning_job"] == "token-1"
    assert found.metadata["decided_by"] == "arn:aws:iam::1:user/ann"
    assert [each.arn for each in registry.versions(group, Approval.APPROVED)] == [arn]
