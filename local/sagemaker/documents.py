"""What the API exchanges and the store keeps."""

from typing import Any

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

# A request, a response or a resource in the shape of the AWS service model. The model is what checks it, at the
# border (`shapes.py`); a second description of its several hundred members in Python types would only drift from it.
Document = dict[str, Any]

# Where a trial keeps what it reached.
FINAL_METRIC = "FinalHyperParameterTuningJobObjectiveMetric"


def names_and_values(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
