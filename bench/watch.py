"""CPU that monitor takes to count a prediction of 30 numbers, in microseconds; also where they are sent as texts."""

import io
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from lakeloop.adapters.captures import SCHEMA
from lakeloop.capture.keys import capture_key
from lakeloop.contract import DatasetContract, Monitor
from lakeloop.monitoring.captured import PREDICTION
from lakeloop.monitoring.counting import Counter
from lakeloop.monitoring.profile import Profile
from lakeloop.monitoring.state import WatchState

FEATURES = [f"x{number}" for number in range(30)]
COLUMNS = [{"name": name, "type": "float"} for name in [*FEATURES, "y"]]
CONTRACT = DatasetContract.model_validate({"name": "watch", "problem": "regression", "label": "y", "columns": COLUMNS})
# As capture_predictions writes them where traffic is dense: a delivery has 1,000 requests.
OBJECTS, ROWS = 100, 1000
NO_WINDOW = Monitor(min_rows=OBJECTS * ROWS + 1)
HOUR = datetime(2026, 1, 1, tzinfo=UTC)
Rows = Sequence[Mapping[str, object]]


class Captures:
    """The objects of an hour, as Parquet in memory."""

    def __init__(self, rows: Rows) -> None:
        given = {"predicted_at": HOUR, "model": "m", "prediction": "1.0", "version": 1}
        told = [{**given, "inference_id": str(n), "input": json.dumps(row)} for n, row in enumerate(rows)]
        self._objects: dict[str, bytes] = {}
        for number, frame in enumerate(pl.DataFrame(told, schema=SCHEMA).iter_slices(ROWS)):
            body = io.BytesIO()
            frame.write_parquet(body, compression="zstd")
            self._objects[capture_key(CONTRACT.name, HOUR, [str(number)])] = body.getvalue()

    def objects(self, *_: object) -> Iterator[str]:
        yield from self._objects

    def frame(self, key: str) -> pl.DataFrame:
        return pl.read_parquet(io.BytesIO(self._objects[key]))


def microseconds(rows: Rows, profile: Profile) -> float:
    """Of one prediction; what a window takes that is judged is not in it."""
    counter = Counter(Captures(rows), CONTRACT, "m", profile)
    state = WatchState(model="m", seen=HOUR, until=HOUR)
    begun = time.process_time()
    counter.count(state, NO_WINDOW, frozenset(), HOUR + timedelta(hours=2), lambda: 900.0)
    spent = time.process_time() - begun
    if state.tally.rows != len(rows):
        raise SystemExit(f"{state.tally.rows} predictions of {len(rows)} were counted")
    return round(spent / len(rows) * 1_000_000, 1)


def main() -> None:
    drawn = random.Random(0)  # noqa: S311 no secret is drawn
    numbers = [{name: round(drawn.gauss(10, 3), 4) for name in FEATURES} for _ in range(OBJECTS * ROWS)]
    texts = [{name: str(value) for name, value in row.items()} for row in numbers]
    profile = Profile.of("commit", "contract", pl.DataFrame(numbers), pl.DataFrame({PREDICTION: [1.0]}))
    print(json.dumps({kind: microseconds(rows, profile) for kind, rows in (("numbers", numbers), ("texts", texts))}))


if __name__ == "__main__":
    main()
