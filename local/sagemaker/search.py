"""Search over jobs, models, packages and endpoints.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Search.html. Names of filters are dotted paths into the
description of a resource; `Tags.<key>`, `Metrics.<name>` and `HyperParameters.<name>` look into their lists and maps.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document, Json, names_and_values
from lakeloop.local.sagemaker.errors import invalid
from lakeloop.local.sagemaker.operations import operation

KINDS = {
    "TrainingJob": Kind.TRAINING_JOB,
    "HyperParameterTuningJob": Kind.TUNING_JOB,
    "Model": Kind.MODEL,
    "ModelPackage": Kind.MODEL_PACKAGE,
    "ModelPackageGroup": Kind.MODEL_PACKAGE_GROUP,
    "Endpoint": Kind.ENDPOINT,
}
DEFAULT_PAGE = 10
DEFAULT_SORT = "LastModifiedTime"

# Both sides are text or both are numbers, see like().
Comparison = Callable[[Any, Any], bool]
COMPARISONS: Mapping[str, Comparison] = {
    "Equals": lambda found, wanted: bool(found == wanted),
    "GreaterThan": lambda found, wanted: bool(found > wanted),
    "GreaterThanOrEqualTo": lambda found, wanted: bool(found >= wanted),
    "LessThan": lambda found, wanted: bool(found < wanted),
    "LessThanOrEqualTo": lambda found, wanted: bool(found <= wanted),
    "Contains": lambda found, wanted: str(wanted).lower() in str(found).lower(),
    "In": lambda found, wanted: str(found) in str(wanted).split(","),
}


class Search:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    @operation("Search")
    def search(self, request: Document) -> Document:
        resource = request["Resource"]
        kind = KINDS.get(resource)
        if kind is None:
            raise invalid(f"The local SageMaker searches {', '.join(KINDS)}, not {resource}.")
        expression = request.get("SearchExpression", {})
        found = [document for document in self._backends.store.all(kind) if matches(document, expression)]
        by = request.get("SortBy", DEFAULT_SORT)
        descending = request.get("SortOrder", "Descending") == "Descending"
        found.sort(key=lambda document: (str(type(value := value_at(document, by))), value or ""), reverse=descending)
        start = offset(request.get("NextToken", "0"))
        size = request.get("MaxResults", DEFAULT_PAGE)
        answer: Document = {"Results": [record(resource, each) for each in found[start : start + size]]}
        answer["TotalHits"] = {"Value": len(found), "Relation": "EqualTo"}
        if len(found) > start + size:
            answer["NextToken"] = str(start + size)
        return answer


def record(resource: str, document: Document) -> Document:
    # What is found of a model is its row in the model dashboard.
    return {resource: {"Model": document} if resource == "Model" else document}


def matches(document: Document, expression: Document) -> bool:
    if "NestedFilters" in expression:
        raise invalid("The local SageMaker does not search by NestedFilters.")
    results = [
        *(passes(document, each) for each in expression.get("Filters", [])),
        *(matches(document, each) for each in expression.get("SubExpressions", [])),
    ]
    return not results or (any(results) if expression.get("Operator") == "Or" else all(results))


def passes(document: Document, condition: Document) -> bool:
    found = value_at(document, condition["Name"])
    operator = condition.get("Operator", "Equals")
    if operator in ("Exists", "NotExists"):
        return (found is not None) is bool(operator == "Exists")
    if "Value" not in condition:
        raise invalid(f"Filter {condition['Name']}: operator {operator} needs a Value.")
    if operator == "NotEquals":
        return found is None or not COMPARISONS["Equals"](found, like(found, condition["Value"]))
    return found is not None and COMPARISONS[operator](found, like(found, condition["Value"]))


def like(found: str | float, wanted: str) -> str | float:
    """What the filter says, read as what the resource holds: filters are always text."""
    if isinstance(found, str):
        return wanted
    try:
        return float(wanted)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(wanted).timestamp()
    except ValueError as error:
        raise invalid(f"{wanted} is neither a number nor a time.") from error


def value_at(document: Document, name: str) -> str | float | None:
    """The text, number or time at a dotted name; None where there is nothing like it."""
    first, _, rest = name.partition(".")
    match first:
        case "Tags":
            return names_and_values(document.get("Tags", [])).get(rest)
        case "Metrics":
            return {each["MetricName"]: each["Value"] for each in document.get("FinalMetricDataList", [])}.get(rest)
        case "HyperParameters":
            return scalar(document.get("HyperParameters", {}).get(rest))
        case "LastModifiedTime":
            return scalar(document.get("LastModifiedTime", document.get("CreationTime", time.time())))
    value = document.get(first)
    return value_at(value, rest) if rest and isinstance(value, dict) else scalar(value)


def scalar(value: Json) -> str | float | None:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str | int | float) else None


def offset(token: str) -> int:
    if not token.isdecimal():
        raise invalid("Invalid pagination token.")
    return int(token)
