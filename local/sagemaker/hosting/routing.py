"""How an update moves traffic to the new fleet, step by step.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lakeloop.local.sagemaker.documents import Document

# Without a DeploymentConfig all traffic moves at once, and the old fleet goes as soon as it is idle.
DEFAULT_POLICY: Document = {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}


@dataclass(frozen=True)
class Step:
    """The share of traffic that the new fleet gets, and how long it is watched before the next step."""

    share: float
    bake_seconds: float


def steps(policy: Document, instances: int) -> Sequence[Step]:
    """Those of a BlueGreenUpdatePolicy for a fleet of so many instances; the last one has all traffic."""
    routing = policy["TrafficRoutingConfiguration"]
    wait = float(routing["WaitIntervalInSeconds"])
    final = Step(1.0, float(policy.get("TerminationWaitInSeconds", 0)))
    match routing["Type"]:
        case "CANARY":
            return [Step(_share(routing["CanarySize"], instances), wait), final]
        case "LINEAR":
            size = _share(routing["LinearStepSize"], instances)
            # Half a step of tolerance: three steps of 33 % are followed by all, not by a fourth of 99 %.
            shares = [size * number for number in range(1, int(1 / size) + 1) if size * number < 1 - size / 2]
            return [*(Step(share, wait) for share in shares), final]
    return [final]


def _share(size: Document, instances: int) -> float:
    share = size["Value"] / (100 if size["Type"] == "CAPACITY_PERCENT" else instances)
    return float(min(share, 1.0))
