"""What is asked of captures and labels, and where the rows of both go."""

from collections.abc import Container, Iterator
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, Field

from lakeloop.capture.record import Capture
from lakeloop.feedback.label import Label
from lakeloop.messages import JoinFeedback


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

    def of(self, windows: Container[str]) -> "JoinState":
        """What it says of these windows."""
        made_of, files = (
            {window: digest for window, digest in known.items() if window in windows}
            for known in (self.made_of, self.files)
        )
        return JoinState(made_of=made_of, files=files)


class JoinStates(Protocol):
    def get(self, dataset: str) -> JoinState: ...

    def put(self, dataset: str, state: JoinState) -> None: ...


class CapturedWindows(Protocol):
    def objects(self, dataset: str, since: datetime, until: datetime) -> Iterator[str]:
        """The keys of the objects of the hours that these moments fall into."""

    def read(self, key: str) -> list[Capture]:
        """The captures of one object."""


class Landing(Protocol):
    def put(self, key: str, body: bytes) -> None:
        """Drop a file."""


class Publisher(Protocol):
    def publish(self, message: JoinFeedback) -> None: ...
