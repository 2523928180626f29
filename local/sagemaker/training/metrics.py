"""Metrics read from what a training container prints, as SageMaker does it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lakeloop.local.sagemaker.containers.xgboost.metric_names import MAXIMIZE, MINIMIZE
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.training.images import image

NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"


@dataclass(frozen=True)
class Observation:
    metric: str
    value: float


def built_in_definitions() -> dict[str, str]:
    """Those of the XGBoost image, which a request cannot override."""
    return {
        f"{data}:{metric}": rf".*\[[0-9]+\].*#011{data}-{re.escape(metric)}:{NUMBER}"
        for data in ("train", "validation")
        for metric in MAXIMIZE | MINIMIZE
    }


def built_in_objectives() -> dict[str, str]:
    """What tuning may aim at, with the only direction that each allows."""
    directions = {**dict.fromkeys(MAXIMIZE, "Maximize"), **dict.fromkeys(MINIMIZE, "Minimize")}
    return {f"validation:{metric}": direction for metric, direction in directions.items()}


class MetricReader:
    """Remembers the last value of each metric."""

    def __init__(self, definitions: Mapping[str, str]) -> None:
        self._patterns = {name: re.compile(pattern) for name, pattern in definitions.items()}
        self.last: dict[str, float] = {}

    def read(self, line: str) -> Iterable[Observation]:
        found = []
        for name, pattern in self._patterns.items():
            match = pattern.search(line)
            if match is None:
                continue
            try:
                value = float(match.group(1))
            except (ValueError, IndexError):
                # A definition that captures no number yields no metric; it does not fail the job.
                continue
            self.last[name] = value
            found.append(Observation(name, value))
        return found


def definitions(job: Document) -> dict[str, str]:
    """The names and patterns of the metrics of a training job."""
    specification = job["AlgorithmSpecification"]
    if image(specification.get("TrainingImage", "")).built_in:
        return built_in_definitions()
    return {each["Name"]: each["Regex"] for each in specification.get("MetricDefinitions", [])}


def with_metrics(job: Document) -> Document:
    """The job's algorithm with the metrics that it has, also where nobody asked for them."""
    metrics = [{"Name": name, "Regex": pattern} for name, pattern in definitions(job).items()]
    return {**job["AlgorithmSpecification"], "MetricDefinitions": metrics}
