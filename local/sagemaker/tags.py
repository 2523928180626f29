"""Tags, which every resource carries in itself."""

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document, names_and_values
from lakeloop.local.sagemaker.errors import invalid, not_found
from lakeloop.local.sagemaker.operations import operation

MOST = 50
DEFAULT_PAGE = 50


class Tags:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    @operation("AddTags")
    def add(self, request: Document) -> Document:
        with self._backends.store.transaction():
            kind, name, existing = self._find(request["ResourceArn"])
            tags = {**existing, **names_and_values(request["Tags"])}
            if len(tags) > MOST:
                raise invalid(f"Number of tags exceeds the limit of {MOST}.")
            return {"Tags": self._save(kind, name, tags)}

    @operation("DeleteTags")
    def delete(self, request: Document) -> Document:
        with self._backends.store.transaction():
            kind, name, existing = self._find(request["ResourceArn"])
            self._save(kind, name, {key: existing[key] for key in existing if key not in request["TagKeys"]})
        return {}

    @operation("ListTags")
    def list_tags(self, request: Document) -> Document:
        _, _, tags = self._find(request["ResourceArn"])
        size = request.get("MaxResults", DEFAULT_PAGE)
        # A token is the last key of the page before.
        left = [key for key in sorted(tags) if key > request.get("NextToken", "")]
        answer: Document = {"Tags": [{"Key": key, "Value": tags[key]} for key in left[:size]]}
        if len(left) > size:
            answer["NextToken"] = left[size - 1]
        return answer

    def _find(self, arn: str) -> tuple[Kind, str, dict[str, str]]:
        kind, name = self._backends.settings.arns.parse(arn)
        document = self._backends.store.find(kind, name)
        if document is None:
            raise not_found(f"Could not find {kind} {arn}.")
        return kind, name, names_and_values(document.get("Tags", []))

    def _save(self, kind: Kind, name: str, tags: dict[str, str]) -> list[Document]:
        saved = [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
        self._backends.store.change(kind, name, Tags=saved)
        return saved
