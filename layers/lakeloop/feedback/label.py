"""One label of one prediction, and where it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.values.reading import CellReader

MOMENT = "%Y%m%dT%H%M%S%fZ"
# What `lakeloop captures export` calls rows that it chose because the model was least sure of them.
LEAST_CONFIDENT = "least-confident"
FOLDER = "feedback"


class Label(BaseModel):
    """`label` is the JSON text of the value as it came.

    The last by `event_time` counts, which is never after `arrived`.
    """

    model_config = ConfigDict(frozen=True)

    version: int = 1
    dataset: str
    inference_id: str
    label: str
    event_time: datetime
    arrived: datetime
    label_source: str = ""
    caller: str = ""

    @property
    def key(self) -> str:
        """The same label told again is the same object; of two at one moment the digest decides, in any order."""
        moment = self.event_time.astimezone(UTC).strftime(MOMENT)
        said = names.digest(self.label, self.label_source, length=16)
        return f"{folder_of(self.dataset, self.inference_id)}{moment}-{said}.json"


@dataclass(frozen=True)
class LabelKey:
    """What the key of a label says."""

    inference_id: str
    name: str
    """Event time and digest: the greatest counts."""
    key: str

    @classmethod
    def of(cls, key: str) -> "LabelKey":
        _, _, id_, name = key.split("/")
        return cls(unquote(id_), name, key)


def reader_of_labels(contract: DatasetContract) -> CellReader:
    """A label that may be empty in files says nothing where it is told."""
    column = contract.label_column.model_copy(update={"nullable": False})
    return CellReader(column, contract.file, feature=True)


def labels_of(dataset: str) -> str:
    """The folder of a dataset's labels."""
    return f"{FOLDER}/{dataset}/"


def folder_of(dataset: str, inference_id: str) -> str:
    """The folder of the labels of one prediction; ids may hold what a path may not."""
    # Dots are no letters to quote, and a folder of dots is none.
    return f"{labels_of(dataset)}{quote(inference_id, safe='').replace('.', '%2E')}/"


def last_of_each(keys: Iterable[str]) -> dict[str, LabelKey]:
    """The label that counts, by inference id."""
    found: dict[str, LabelKey] = {}
    for label in map(LabelKey.of, keys):
        known = found.get(label.inference_id)
        if known is None or label.name > known.name:
            found[label.inference_id] = label
    return found
