"""What a model is served on."""

import math
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from lakeloop.contract.base import Broken, ContractModel, as_list
from lakeloop.contract.training import InstanceType

# SageMaker takes ten alarms: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoRollbackConfig.html; two
# are made from a contract.
MOST_ALARMS = 8
AlarmName = Annotated[str, Field(max_length=255, pattern=r"\S", description="the name of an alarm of CloudWatch")]
Alarms = Annotated[
    tuple[AlarmName, ...],
    Field(max_length=MOST_ALARMS),
    BeforeValidator(as_list, json_schema_input_type=AlarmName | list[AlarmName]),
]
# A step of linear traffic has 10 % or more of the fleet, a canary or a step half of it at most:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html
SMALLEST_STEP = 10
# `reconcile` calls an update of three hours stuck, of which instances may take half an hour to come and to go.
LONGEST_MOVE_MINUTES = 60


class Serverless(ContractModel):
    """Size of a serverless endpoint."""

    memory_mb: Annotated[int, Field(ge=1024, le=6144, multiple_of=1024)]
    """Memory of the endpoint."""
    max_concurrency: Annotated[int, Field(ge=1, le=200)]
    """Requests at a time."""


class Instances(ContractModel):
    """Size of an endpoint on instances."""

    instance_type: InstanceType
    """What the endpoint runs on."""
    count: Annotated[int, Field(ge=1)]
    """Instances."""


class Traffic(ContractModel):
    """How requests move to a new model on instances, and what brings them back to the one before."""

    routing: Literal["all_at_once", "canary", "linear"] = "canary"
    """A part first and then all, in steps of one size, or all at once."""
    percent: Annotated[int, Field(ge=1, le=50)] | None = None
    """The canary's part, or a step of linear; left out, 10 or 25."""
    bake_minutes: Annotated[int, Field(ge=0, le=30)] = 5
    """How long each step is watched, also the last one, before the old fleet goes."""
    max_errors: Annotated[int, Field(ge=0)] = 0
    """Answers of 5xx within a minute, of old and new fleet together, above which requests go back."""
    max_latency_ms: Annotated[int, Field(ge=1)] | None = None
    """Mean time of the model for an answer, within a minute, above which requests go back; left out, none."""
    alarms: Alarms = ()
    """Names of further CloudWatch alarms that bring requests back."""

    def broken_rules(self) -> Iterator[Broken]:
        if self.routing == "all_at_once" and self.percent is not None:
            yield Broken(("percent",), "nothing where all requests move at once", str(self.percent))
        if self.routing == "linear" and self.share < SMALLEST_STEP:
            yield Broken(("percent",), f"{SMALLEST_STEP} or more for linear", str(self.share))
        elif self.minutes > LONGEST_MOVE_MINUTES:
            found = f"{self.minutes}, {self.steps} steps of {self.bake_minutes}"
            yield Broken(("bake_minutes",), f"{LONGEST_MOVE_MINUTES} minutes or less in all", found)

    @property
    def share(self) -> int:
        """Percent of the requests that move with a step."""
        usual = {"all_at_once": 100, "canary": 10, "linear": 25}
        return self.percent or usual[self.routing]

    @property
    def steps(self) -> int:
        """How often requests move."""
        return {"all_at_once": 1, "canary": 2, "linear": math.ceil(100 / self.share)}[self.routing]

    @property
    def minutes(self) -> int:
        """How long a new model is watched in all."""
        return self.steps * self.bake_minutes


class Serving(ContractModel):
    """One of the two kinds of endpoint; left out, a serverless one."""

    serverless: Serverless | None = None
    """An endpoint that costs while it answers."""
    instances: Instances | None = None
    """An endpoint on instances of its own."""
    traffic: Traffic | None = None
    """How requests move to a new model; left out, all at once, and only a fleet that does not come up goes back."""

    def broken_rules(self) -> Iterator[Broken]:
        if self.serverless is not None and self.instances is not None:
            yield Broken((), "either serverless or instances", "both")
        elif self.traffic is not None and self.instances is None:
            expected = "instances beside it: a serverless endpoint moves all requests at once, and no alarm stops it"
            yield Broken(("traffic",), expected, "serverless")
        elif self.traffic is not None and self.traffic.steps > 1 and self.instances and self.instances.count == 1:
            expected = "all_at_once with one instance, of which no part can be a canary, or 2 instances or more"
            yield Broken(("traffic", "routing"), expected, self.traffic.routing)

    @property
    def size(self) -> Serverless | Instances:
        return self.instances or self.serverless or Serverless(memory_mb=2048, max_concurrency=5)
