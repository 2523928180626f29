"""Where labels are kept."""

from collections.abc import Iterator
from typing import Protocol

from pydantic import BaseModel, Field

from lakeloop.feedback.label import Label


class Labels(Protocol):
    def keys(self, folder: str) -> Iterator[str]:
        """The keys of the labels below a folder, in their order."""

    def put(self, label: Label) -> None:
        """Under its own key."""


class KeptLabels(Protocol):
    def keys(self, folder: str) -> Iterator[str]:
        """The keys of the labels below a folder, in their order."""

    def read(self, key: str) -> Label | None:
        """None where it has expired."""


class JoinState(BaseModel):
    """What was joined last: of each window the digest of what it was made of, and of the file it made."""

    made_of: dict[str, str] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)


class JoinStates(Protocol):
    def get(self, dataset: str) -> JoinState: ...

    def put(self, dataset: str, state: JoinState) -> None: ...
