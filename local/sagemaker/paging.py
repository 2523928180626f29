"""What all list operations share: filters, order, pages."""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass

from lakeloop.local.sagemaker.documents import FINAL_METRIC, Document
from lakeloop.local.sagemaker.errors import invalid

DEFAULT_PAGE = 10
# What is sorted by, then the name and the version, so that no two are equal.
Key = tuple[str | float, str, int]


@dataclass(frozen=True)
class Listing:
    """How one list operation looks at its resources; the service model leaves of them what belongs to a summary."""

    result: str
    name: str
    status: str = ""
    sort_by: str = "CreationTime"
    descending: bool = False

    def page(self, documents: Iterable[Document], request: Document) -> Document:
        """The page that the request asks for.

        A token names the last item of the page before, so that what comes and goes meanwhile shifts nothing.
        """
        descending = request.get("SortOrder", "Descending" if self.descending else "Ascending") == "Descending"
        chosen = [
            (self._key(document, request), document) for document in documents if self._matches(document, request)
        ]
        chosen.sort(key=lambda pair: pair[0], reverse=descending)
        if "NextToken" in request:
            last = _read_token(request["NextToken"])
            chosen = [pair for pair in chosen if (pair[0] < last if descending else pair[0] > last)]
        size = request.get("MaxResults", DEFAULT_PAGE)
        answer: Document = {self.result: [document for _, document in chosen[:size]]}
        if len(chosen) > size:
            answer["NextToken"] = _token(chosen[size - 1][0])
        return answer

    def _key(self, document: Document, request: Document) -> Key:
        name, version = document[self.name], document.get("ModelPackageVersion", 0)
        match request.get("SortBy", self.sort_by):
            case "Name":
                return name, name, version
            case "Status":
                return document[self.status], name, version
            case "FinalObjectiveMetricValue":
                return document[FINAL_METRIC]["Value"], name, version
        return document["CreationTime"], name, version

    def _matches(self, document: Document, request: Document) -> bool:
        created: float = document["CreationTime"]
        changed: float = document.get("LastModifiedTime", created)
        has_metric = FINAL_METRIC in document
        return (
            request.get("NameContains", "").lower() in document[self.name].lower()
            and ("StatusEquals" not in request or document.get(self.status) == request["StatusEquals"])
            and created >= request.get("CreationTimeAfter", created)
            and created <= request.get("CreationTimeBefore", created)
            and changed >= request.get("LastModifiedTimeAfter", changed)
            and changed <= request.get("LastModifiedTimeBefore", changed)
            and (request.get("SortBy") != "FinalObjectiveMetricValue" or has_metric)
        )


def _token(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _read_token(token: str) -> Key:
    try:
        first, name, version = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error) as error:
        raise invalid("Invalid pagination token.") from error
    return first, name, version
