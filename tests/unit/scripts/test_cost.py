"""What a month costs, from a plan's JSON."""

import json
from typing import Any

import pytest

from lakeloop.scripts.cost import HOURS, INSTANCE_HOUR, active, idle, main, planned

TRAINING = {"instance_type": "ml.m5.large", "instance_count": 1}


def contract(name: str, serving: dict[str, Any], problem: str | None = "binary") -> dict[str, Any]:
    said = {"name": name, "serving": serving, "training": TRAINING, "problem": problem}
    document = {"format": 1, "contract": said}
    return resource("aws_s3_object", key=f"contracts/{name}.json", content=json.dumps(document))


def resource(kind: str, **values: object) -> dict[str, Any]:
    return {"mode": "managed", "type": kind, "values": values}


def plan(*resources: dict[str, Any]) -> dict[str, Any]:
    """With the resources two modules deep, as they stand in infra/."""
    deep = {"child_modules": [{"resources": list(resources)}]}
    return {"planned_values": {"root_module": {"child_modules": [deep]}}}


def dollars(*resources: dict[str, Any]) -> dict[str, float | None]:
    return {line.what: line.dollars for line in idle(planned(plan(*resources)))}


def test_what_stands_idle_is_counted_wherever_it_stands() -> None:
    alarms = [resource("aws_cloudwatch_metric_alarm") for _ in range(20)]
    read = {"mode": "data", "type": "aws_kms_key", "values": {}}

    found = dollars(*alarms, resource("aws_kms_key"), read, resource("aws_lambda_event_source_mapping"))

    assert found == {"cloudwatch_metric_alarm": 2.0, "kms_key": 1.0, "queues that are asked": pytest.approx(0.2628)}


def test_an_endpoint_on_instances_costs_by_the_hour_and_a_serverless_one_while_it_answers() -> None:
    on_instances = {"instances": {"instance_type": "ml.m5.large", "count": 2}}
    unheard = {"instances": {"instance_type": "ml.z9.large", "count": 1}}

    found = dollars(contract("a", on_instances), contract("b", {"serverless": {}}), contract("c", unheard))

    assert found["endpoint of a, ml.m5.large"] == 2 * HOURS * INSTANCE_HOUR["ml.m5.large"]
    assert found["endpoint of b, serverless"] == 0
    assert found["endpoint of c, ml.z9.large"] is None


def test_seven_interface_endpoints_in_two_zones_cost_about_three_times_a_gateway() -> None:
    endpoint = resource("aws_vpc_endpoint", vpc_endpoint_type="Interface", subnet_ids=["a", "b"])
    free = resource("aws_vpc_endpoint", vpc_endpoint_type="Gateway")

    endpoints = dollars(*[endpoint] * 7, free)["interface endpoints by zone"]
    gateway = dollars(resource("aws_nat_gateway"), resource("aws_eip"))

    assert endpoints == pytest.approx(102.2)
    assert sum(paid or 0 for paid in gateway.values()) == pytest.approx(36.5)


def test_a_database_costs_twice_in_two_zones() -> None:
    def database(**values: object) -> float | None:
        size = {"instance_class": "db.t4g.small", "allocated_storage": 20, "multi_az": False}
        (found,) = (
            paid for what, paid in dollars(resource("aws_db_instance", **{**size, **values})).items() if "db." in what
        )
        return found

    assert database() == pytest.approx(25.66)
    assert database(multi_az=True) == pytest.approx(51.32)
    assert database(instance_class="db.z9.large") is None


def test_a_server_costs_by_the_size_of_its_tasks_and_their_number() -> None:
    platform = [{"cpu_architecture": "ARM64"}]
    task = resource("aws_ecs_task_definition", family="lakefs", cpu="512", memory="1024", runtime_platform=platform)

    one, two = (dollars(task, resource("aws_ecs_service", name="lakefs", desired_count=count)) for count in (1, 2))

    assert one["tasks of lakefs"] == pytest.approx(14.42, abs=0.01)
    assert two["tasks of lakefs"] == pytest.approx(28.84, abs=0.01)


def test_requests_and_trials_are_paid_by_their_number() -> None:
    resources = planned(plan(contract("a", {"serverless": {}})))

    few, many = (active(resources, predictions, trials) for predictions, trials in ((1000, 10), (2000, 30)))

    assert many[0].dollars == pytest.approx(2 * (few[0].dollars or 0))
    assert many[1].dollars == pytest.approx(3 * (few[1].dollars or 0))


def test_a_dataset_without_a_problem_has_neither_endpoint_nor_trials() -> None:
    kept = contract("kept", {}, problem=None)

    assert not [what for what in dollars(kept) if "kept" in what]
    assert not [line for line in active(planned(plan(kept)), 0, 300) if "kept" in line.what]


def test_what_is_no_plan_is_refused_with_what_to_give(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["cost"])

    with pytest.raises(SystemExit):
        main(lambda: "{}")

    assert "terraform show -json PLAN" in capsys.readouterr().err


def test_the_total_says_what_it_leaves_out(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["cost", "--predictions", "0", "--trials", "0"])
    unheard = contract("c", {"instances": {"instance_type": "ml.z9.large", "count": 1}})

    main(lambda: json.dumps(plan(unheard, resource("aws_kms_key"))))

    assert capsys.readouterr().out.startswith("idle: 1.00 USD a month and what has no price here\n")
