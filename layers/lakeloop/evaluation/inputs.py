"""Test rows as a model's container reads them: CSV without the label, in objects that a transform goes through."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lakeloop.contract import DatasetContract
from lakeloop.evaluation.held_out import HeldOut
from lakeloop.evaluation.ports import Evaluations
from lakeloop.ingest.features import features_frame
from lakeloop.scratch import scratch

# As many as a container answers within a minute or so; objects of the lake are smaller as a rule.
PART_ROWS = 100_000
# An empty line would be no row, as that of a single feature that is missing.
MISSING = "nan"


@dataclass(frozen=True)
class Inputs:
    """What was written: `parts` are the rows of each object, whose names are their numbers."""

    uri: str
    parts: list[int] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(self.parts)

    def outputs(self, folder: str) -> Iterator[tuple[str, int]]:
        """Where SageMaker puts the answers to each object, and how many there must be."""
        return ((f"{folder}/{part_name(number)}.out", rows) for number, rows in enumerate(self.parts))


def part_name(number: int) -> str:
    return f"{number:05}.csv"


def written_inputs(rows: HeldOut, contract: DatasetContract, evaluations: Evaluations, key: str) -> Inputs:
    """The rows as a model of the contract reads them, below `key`; written once, as a note beside them says."""
    note = f"{key}/written.json"
    if found := evaluations.read(note):
        return Inputs(**json.loads(found))
    inputs = Inputs(evaluations.uri(f"{key}/input/"), list(_write(rows, contract, evaluations, f"{key}/input")))
    evaluations.put(note, json.dumps(asdict(inputs)).encode())
    return inputs


def _write(rows: HeldOut, contract: DatasetContract, evaluations: Evaluations, folder: str) -> Iterator[int]:
    """Write object after object; the rows of each."""
    number = count = 0
    with scratch() as temporary:
        part = Path(temporary) / "part.csv"
        for _, block in rows.blocks():
            with part.open("ab") as file:
                features = features_frame(contract, block).drop(contract.label_column.name)
                features.write_csv(file, include_header=False, null_value=MISSING)
            count += block.height
            if count >= PART_ROWS:
                evaluations.upload(f"{folder}/{part_name(number)}", part)
                part.unlink()
                yield count
                number, count = number + 1, 0
        if count:
            evaluations.upload(f"{folder}/{part_name(number)}", part)
            yield count
