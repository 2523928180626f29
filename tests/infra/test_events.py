"""Rules and alarms of what SageMaker tells: of this environment only, and of all its datasets, however many."""

import json
from typing import Any

import pytest

from lakeloop import names
from lakeloop.compiler.build import build
from lakeloop.contract import Instances, Serving, Traffic
from lakeloop.deployment.requests import VARIANT, alarms_of
from tests.infra.planned import Resource, of_type, planned
from tests.infra.running import Terraform
from tests.unit.compiler.taxi import TAXI

# What EventBridge takes, in characters.
LONGEST_PATTERN = 2048


def heard(plan: list[Resource], detail_type: str, detail: dict[str, Any]) -> bool:
    """Whether a rule matches the event."""
    event = {"source": "aws.sagemaker", "detail-type": detail_type, "detail": detail}
    return any(matches(json.loads(rule.values["event_pattern"]), event) for rule in rules_of_sagemaker(plan))


def rules_of_sagemaker(plan: list[Resource]) -> list[Resource]:
    return [rule for rule in of_type(plan, "aws_cloudwatch_event_rule") if rule.values["event_pattern"]]


def matches(pattern: Any, value: Any) -> bool:  # noqa: ANN401 JSON
    if isinstance(pattern, dict):
        return all(name in value and matches(below, value[name]) for name, below in pattern.items())
    return any(value.startswith(one["prefix"]) if isinstance(one, dict) else value == one for one in pattern)


def job(prefix: str) -> dict[str, Any]:
    return {
        "HyperParameterTuningJobName": f"{prefix}-0123456789ab",
        "HyperParameterTuningJobStatus": "Completed",
        "TrainingJobDefinition": {"RoleArn": f"arn:aws:iam::123456789012:role/{prefix}-sagemaker"},
    }


@pytest.mark.parametrize(
    ("prefix", "ours"), [("lakeloop-test", True), ("lakeloop-test-2", False), ("lakeloop-tes", False)]
)
def test_rules_hear_of_this_environment_only(plan: list[Resource], prefix: str, ours: bool) -> None:
    assert heard(plan, "SageMaker HyperParameter Tuning Job State Change", job(prefix)) == ours
    assert heard(plan, "SageMaker Endpoint State Change", {"EndpointName": f"{prefix}-breast-cancer"}) == ours
    approved = {"ModelPackageGroupName": f"{prefix}-breast-cancer", "ModelApprovalStatus": "Approved"}
    assert heard(plan, "SageMaker Model Package State Change", approved) == ours


MANY = [f"{chr(97 + number // 10)}{number % 10}_{'x' * 28}" for number in range(61)]
# One of them, on instances.
WATCHED = MANY[7]
CANARY = (
    "instances: {instance_type: ml.m5.large, count: 2}\n  traffic: {max_errors: 3, max_latency_ms: 250, alarms: shop}"
)
# Another, whose contract says no more than it must.
PLAIN = MANY[8]
PLAIN_CANARY = "instances: {instance_type: ml.m5.large, count: 2}\n  traffic: {}"


@pytest.fixture(scope="module")
def plan_of_many(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> list[Resource]:
    folder = tmp_path_factory.mktemp("many")
    for name in MANY:
        contract = TAXI.replace("name: taxi", f"name: {name}")
        if moved := {WATCHED: CANARY, PLAIN: PLAIN_CANARY}.get(name):
            contract = contract.replace("serverless: {memory_mb: 2048, max_concurrency: 5}", moved)
        (folder / f"{name}.yaml").write_text(contract)
    build(folder, folder / "compiled")
    folders = {"contracts_directory": str(folder), "compiled_contracts_directory": str(folder / "compiled")}
    return planned(terraform, "tests/plan.tftest.hcl", **folders)


def test_the_alarms_that_bring_requests_back_are_those_that_deploy_model_names(plan_of_many: list[Resource]) -> None:
    serving = Serving(instances=Instances(instance_type="ml.m5.large", count=2), traffic=Traffic(max_latency_ms=250))
    assert serving.traffic

    alarms = {
        alarm.values["alarm_name"]: alarm.values
        for alarm in of_type(plan_of_many, "aws_cloudwatch_metric_alarm")
        if alarm.values["namespace"] == "AWS/SageMaker"
    }

    errors_of_plain = {f"{endpoint}-serving-errors" for endpoint in names.endpoints("lakeloop-test", PLAIN)}
    assert {
        name for name in alarms if not name.startswith(names.endpoints("lakeloop-test", WATCHED))
    } == errors_of_plain
    assert len(alarms) == 4 + len(errors_of_plain)
    for endpoint in names.endpoints("lakeloop-test", WATCHED):
        errors, latency = (alarms[said] for said in alarms_of(endpoint, serving.traffic))
        for alarm in (errors, latency):
            assert alarm["dimensions"] == {"EndpointName": endpoint, "VariantName": VARIANT}
            assert (alarm["period"], alarm["evaluation_periods"], alarm["treat_missing_data"]) == (
                60,
                1,
                "notBreaching",
            )
        assert (errors["metric_name"], errors["threshold"]) == ("Invocation5XXErrors", 3)
        assert (latency["metric_name"], latency["threshold"]) == ("ModelLatency", 250_000)


def test_rules_of_many_datasets_are_split_where_a_pattern_ends(plan_of_many: list[Resource]) -> None:
    plan = plan_of_many
    rules = rules_of_sagemaker(plan)
    # Of the loop, and of what is recorded of it.
    assert len(rules) == (2 + 5 + 3) + (1 + 5 + 3)
    assert max(len(rule.values["event_pattern"]) for rule in rules) <= LONGEST_PATTERN
    for name in MANY:
        for either in names.endpoints("lakeloop-test", name):
            assert heard(plan, "SageMaker Endpoint State Change", {"EndpointName": either})
        approved = {"ModelPackageGroupName": names.endpoint("lakeloop-test", name), "ModelApprovalStatus": "Approved"}
        assert heard(plan, "SageMaker Model Package State Change", approved)
    targets = [target.values["rule"] for target in of_type(plan, "aws_cloudwatch_event_target")]
    assert {rule.values["name"] for rule in of_type(plan, "aws_cloudwatch_event_rule")} == set(targets)


def test_each_dataset_is_served_anew_in_the_time_of_an_invocation_of_its_own(plan_of_many: list[Resource]) -> None:
    invocations = [
        json.loads(invocation.values["input"])
        for invocation in of_type(plan_of_many, "aws_lambda_invocation")
        if "serve_as_contracts_say" in invocation.address
    ]

    assert sorted(list(each["datasets"]) for each in invocations) == [[name] for name in sorted(MANY)]
