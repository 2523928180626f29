"""What a month of an environment costs when nothing happens in it, and what traffic adds, from Terraform's plan.

    terraform show -json PLAN | python -m lakeloop.scripts.cost --predictions 1000000 --trials 300

What is not in the plan is not counted: a lakeFS server in another root, stored objects, lines of logs, metrics, taxes.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

HOURS = 730
"""In a month, as AWS counts."""
MILLION = 1_000_000

Values = Mapping[str, Any]
"""The arguments of a planned resource."""

# US dollars, list prices of us-east-1 without free tiers, from aws.amazon.com/<service>/pricing, noted in November
# 2026 and not compared with AWS's price list: check those of your region before you rely on them.
MONTHLY: Mapping[str, float] = {
    "aws_cloudwatch_metric_alarm": 0.10,
    "aws_cloudwatch_dashboard": 3.00,
    "aws_kms_key": 1.00,
    "aws_secretsmanager_secret": 0.40,
    "aws_nat_gateway": 0.045 * HOURS,
    "aws_eip": 0.005 * HOURS,
    "aws_lb": 0.0225 * HOURS,
}
# A PostgreSQL server in one zone; in two it costs twice that, storage too.
DATABASE_HOUR: Mapping[str, float] = {
    "db.t4g.micro": 0.016,
    "db.t4g.small": 0.032,
    "db.t4g.medium": 0.065,
    "db.t4g.large": 0.129,
    "db.m6g.large": 0.159,
}
DATABASE_GIGABYTE = 0.115
# Of a core and of a gigabyte on Fargate, by the processor's architecture.
FARGATE_HOUR: Mapping[str, tuple[float, float]] = {"ARM64": (0.03238, 0.00356), "X86_64": (0.04048, 0.004445)}
INTERFACE_ENDPOINT_HOUR = 0.01
"""In each zone."""
SQS_REQUEST = 0.4 / MILLION
API_REQUEST = 3.5 / MILLION
GIGABYTE_SECOND = 13.3334 / MILLION
INVOCATION = 0.2 / MILLION
INSTANCE_HOUR: Mapping[str, float] = {
    "ml.t2.medium": 0.056,
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.m5.4xlarge": 0.922,
    "ml.c5.large": 0.102,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
}

# Lambda asks each queue with five requests that wait for twenty seconds, also when nothing comes.
POLLS_A_MONTH = 5 * 3 * 60 * HOURS
ZONES_WHERE_UNKNOWN = 2
PREDICTION_SECONDS = 0.06
"""That `predict` is paid for, an endpoint's answer among them."""
TRIAL_HOURS = 0.1
"""With what SageMaker takes to start an instance and stop it."""


@dataclass(frozen=True)
class Line:
    """One kind of thing; `dollars` is None where no price of it is known here."""

    what: str
    count: float
    dollars: float | None
    less: str = ""
    """What lowers it."""


def planned(plan: Mapping[str, Any]) -> list[tuple[str, Values]]:
    """Kind and arguments of every resource that is there after the plan. Raises KeyError for what is no plan."""
    return list(_resources(plan["planned_values"]["root_module"]))


def _resources(module: Mapping[str, Any]) -> Iterator[tuple[str, Values]]:
    for resource in module.get("resources", ()):
        if resource["mode"] == "managed":
            yield resource["type"], resource["values"]
    for child in module.get("child_modules", ()):
        yield from _resources(child)


def idle(resources: list[tuple[str, Values]]) -> list[Line]:
    """What is paid for though no file comes and nobody asks."""
    kinds = [kind for kind, _ in resources]
    less = {
        "aws_nat_gateway": "nat = false, where fewer endpoints are needed than make up for it",
        "aws_cloudwatch_metric_alarm": "fewer datasets with expect_every or max_age",
        "aws_kms_key": "kms_key_arn: one key for several environments",
    }
    fixed = [
        Line(kind.removeprefix("aws_"), kinds.count(kind), kinds.count(kind) * price, less.get(kind, ""))
        for kind, price in MONTHLY.items()
        if kind in kinds
    ]
    queues = kinds.count("aws_lambda_event_source_mapping")
    return [
        *fixed,
        Line("queues that are asked", queues, queues * POLLS_A_MONTH * SQS_REQUEST),
        *_private(resources),
        *_databases(resources),
        *_servers(resources),
        *_endpoints(resources),
    ]


def _private(resources: list[tuple[str, Values]]) -> Iterator[Line]:
    zones = [
        len(values.get("subnet_ids") or ()) or ZONES_WHERE_UNKNOWN
        for kind, values in resources
        if kind == "aws_vpc_endpoint" and values["vpc_endpoint_type"] == "Interface"
    ]
    if zones:
        yield Line(
            "interface endpoints by zone", sum(zones), sum(zones) * INTERFACE_ENDPOINT_HOUR * HOURS, "nat = true"
        )


def _databases(resources: list[tuple[str, Values]]) -> Iterator[Line]:
    for kind, values in resources:
        if kind == "aws_db_instance":
            size, zones = values["instance_class"], 2 if values["multi_az"] else 1
            hour, storage = DATABASE_HOUR.get(size), values["allocated_storage"] * DATABASE_GIGABYTE
            paid = None if hour is None else zones * (hour * HOURS + storage)
            yield Line(f"database, {size}", zones, paid, "multi_az = false, a smaller instance_class")


def _servers(resources: list[tuple[str, Values]]) -> Iterator[Line]:
    """Services beside the sizes of their tasks, which have their names."""
    sizes = {values["family"]: values for kind, values in resources if kind == "aws_ecs_task_definition"}
    for kind, values in resources:
        if kind == "aws_ecs_service":
            size = sizes[values["name"]]
            core, gigabyte = FARGATE_HOUR[size["runtime_platform"][0]["cpu_architecture"]]
            hour = int(size["cpu"]) / 1024 * core + int(size["memory"]) / 1024 * gigabyte
            tasks = values["desired_count"]
            yield Line(f"tasks of {values['name']}", tasks, tasks * hour * HOURS, "fewer tasks, or smaller ones")


def contracts(resources: list[tuple[str, Values]]) -> dict[str, Any]:
    """The compiled contracts that the plan uploads, by dataset, of those from which something is learned."""
    found = (
        json.loads(values["content"])["contract"]
        for kind, values in resources
        if kind == "aws_s3_object" and is_contract(values)
    )
    return {contract["name"]: contract for contract in found if contract.get("problem")}


def is_contract(values: Values) -> bool:
    key: str = values["key"]
    return key.startswith("contracts/") and key != "contracts/index.json"


def _endpoints(resources: list[tuple[str, Values]]) -> Iterator[Line]:
    for name, contract in sorted(contracts(resources).items()):
        instances = contract["serving"].get("instances")
        if instances:
            hour, count = INSTANCE_HOUR.get(instances["instance_type"]), instances["count"]
            yield Line(
                f"endpoint of {name}, {instances['instance_type']}",
                count,
                None if hour is None else hour * count * HOURS,
                "serverless, or `lakeloop endpoint off` at night",
            )
        else:
            yield Line(f"endpoint of {name}, serverless", 1, 0.0)


def active(resources: list[tuple[str, Values]], predictions: int, trials: int) -> list[Line]:
    """What requests and trials of a month add; trials are those of each dataset."""
    memory = next((values["memory_size"] for kind, values in resources if _is_predict(kind, values)), 1024)
    request = API_REQUEST + INVOCATION + PREDICTION_SECONDS * memory / 1024 * GIGABYTE_SECOND
    lines = [
        Line("predictions, without the endpoint", predictions, predictions * request, "rows in batches of a hundred")
    ]
    for name, contract in sorted(contracts(resources).items()):
        training = contract["training"]
        hour = INSTANCE_HOUR.get(training["instance_type"])
        paid = None if hour is None else hour * training["instance_count"] * trials * TRIAL_HOURS
        lines.append(Line(f"trials of {name}, {training['instance_type']}", trials, paid, "fewer trials, cool_down"))
    return lines


def _is_predict(kind: str, values: Values) -> bool:
    return kind == "aws_lambda_function" and str(values["function_name"]).endswith("-predict")


def table(title: str, lines: list[Line]) -> Iterator[str]:
    known = sum(line.dollars for line in lines if line.dollars is not None)
    unknown = " and what has no price here" if any(line.dollars is None for line in lines) else ""
    yield f"{title}: {known:.2f} USD a month{unknown}"
    for line in sorted(lines, key=lambda line: -(line.dollars or 0)):
        price = "no price here" if line.dollars is None else f"{line.dollars:.2f}"
        yield f"  {price:>13}  {line.count:>10,}  {line.what}" + (f"; less by: {line.less}" if line.less else "")


def main(read: Callable[[], str] = sys.stdin.read) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--predictions", type=int, default=MILLION)
    parser.add_argument("--trials", type=int, default=300)
    arguments = parser.parse_args()
    try:
        resources = planned(json.loads(read()))
    except (ValueError, KeyError):
        parser.error("what came is no plan: give what `terraform show -json PLAN` prints")
    lines = [
        *table("idle", idle(resources)),
        *table("active, beside that", active(resources, arguments.predictions, arguments.trials)),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
