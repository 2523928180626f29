"""Updates of endpoints while callers ask, and the alarms that turn them back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.asking import asking
from tests.contract.sagemaker.cloud import Cloud
from tests.contract.sagemaker.jobs import score


@dataclass
class Callers:
    """Ask an endpoint and keep answers and failures; nothing is asked twice."""

    cloud: Cloud
    endpoint: str
    answers: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def asking(self, **pace: Any) -> Iterator[None]:  # noqa: ANN401 - as `asking` takes it
        with asking(self._ask, **pace):
            yield
        print(f"{len(self.answers)} answers, {len(self.failures)} failures")

    def _ask(self) -> None:
        try:
            self.answers.append(score(self.cloud, self.endpoint).strip())
        except (BotoCoreError, ClientError) as error:
            self.failures.append(str(error))


@contextmanager
def alarm_of(
    cloud: Cloud,
    name: str,
    metric: str = "Invocation5XXErrors",
    dimensions: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """An alarm on the first of such errors, until the end."""
    cloud.cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": key, "Value": value} for key, value in (dimensions or {}).items()],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    yield name
    cloud.cloudwatch.delete_alarms(AlarmNames=[name])


def set_alarm(cloud: Cloud, name: str, state: Any) -> None:  # noqa: ANN401 - one of CloudWatch's own words
    cloud.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="the test says so")
