"""Answers of the model that serves whose labels have come, hour by hour: read anew where labels or captures came."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from lakeloop import names
from lakeloop.capture import ids
from lakeloop.capture.keys import capture_hour, live_answers_key
from lakeloop.contract import DatasetContract
from lakeloop.evaluation.scored import LABEL, Task
from lakeloop.feedback.hours import LabelsByHour
from lakeloop.feedback.label import LEAST_CONFIDENT, Label, LabelKey, labels_of, last_of_each, reader_of_labels
from lakeloop.feedback.ports import KeptLabels
from lakeloop.feedback.rows import exactly
from lakeloop.monitoring.captured import scores_of
from lakeloop.monitoring.ports import CapturedFrames, Store
from lakeloop.monitoring.state import Hour, WatchState, hour_at
from lakeloop.side_by_side import side_by_side
from lakeloop.values import RefusedValueError
from lakeloop.values.keys import value_text

# The newest say how it is now, and of so many an interval is a hundredth wide.
MOST_LIVE = 2000
# An hour is begun while so much time is left.
SECONDS_FOR_AN_HOUR = 60.0
DELAY = "delay"


@dataclass(frozen=True)
class Answered:
    """Whose answers are meant; `contract` is the model's."""

    contract: DatasetContract
    task: Task
    model: str


class LiveAnswers:
    """Keeps the labelled answers of each hour as one object, and adds them up."""

    def __init__(self, captures: CapturedFrames, labels: KeptLabels, kept: Store, name_prefix: str) -> None:
        self._captures = captures
        self._labels = labels
        self._kept = kept
        self._name_prefix = name_prefix

    def look(self, answered: Answered, state: WatchState, seconds_left: Callable[[], float]) -> bool:
        """Take in the labels that came for hours of the state, as far as there is time; whether that was all."""
        dataset = answered.contract.name
        hours = [hour for hour, known in state.hours.items() if known.rows]
        last = last_of_each(self._labels.keys(labels_of(dataset)))
        if not (last and hours):
            return True
        labels = LabelsByHour(last.values(), ids.scope(self._name_prefix, dataset))
        objects: dict[str, list[str]] = {hour: [] for hour in hours}
        for key in self._captures.objects(dataset, hour_at(min(hours)), hour_at(max(hours))):
            objects.get(capture_hour(key), []).append(key)
        for hour, keys in objects.items():
            known, wanted = state.hours[hour], labels.of(hour)
            made_of = names.digest(answered.model, *keys, *(label.key for label in wanted), length=32)
            if not (keys and wanted) or known.made_of == made_of:
                continue
            if seconds_left() < SECONDS_FOR_AN_HOUR:
                return False
            found = self._found(answered, keys, wanted)
            if found.height:
                self._kept.put(live_answers_key(dataset, hour, made_of), _written(found))
            delay = float(found[DELAY].median() or 0)  # type: ignore[arg-type]
            state.hours[hour] = known.model_copy(update={"made_of": made_of, "labelled": found.height, "delay": delay})
        return True

    def rows(self, answered: Answered, hours: Mapping[str, Hour]) -> pl.DataFrame:
        """The newest of them, as `Scored` describes them."""
        found = pl.DataFrame(schema=dict.fromkeys((LABEL, *answered.task.scores), pl.Float64))
        for hour, known in sorted(hours.items(), reverse=True):
            if found.height >= MOST_LIVE:
                break
            key = live_answers_key(answered.contract.name, hour, known.made_of)
            body = self._kept.read(key) if known.labelled else None
            if body is not None:
                found = pl.concat([found, pl.read_parquet(io.BytesIO(body)).select(found.columns)])
        return found.head(MOST_LIVE)

    def _found(self, answered: Answered, keys: Sequence[str], wanted: Sequence[LabelKey]) -> pl.DataFrame:
        by_id = {label.inference_id: label.key for label in wanted}
        meant = (pl.col("model") == answered.model, pl.col("inference_id").is_in(list(by_id)))
        mine = pl.concat([self._captures.frame(key).filter(*meant) for key in keys])
        # Of an id that was given to several inputs nobody knows which of them was labelled.
        certain = mine.filter(pl.col("input").n_unique().over("inference_id") == 1)
        once = certain.sort("predicted_at").unique("inference_id", keep="last")
        read = side_by_side(lambda id_: self._labels.read(by_id[id_]), once["inference_id"].to_list())
        labels = once.select("inference_id", "predicted_at").with_columns(
            pl.Series(LABEL, _codes(answered.contract, read), pl.Float64),
            pl.Series("arrived", [label.arrived if label else None for label in read], pl.Datetime("us", "UTC")),
        )
        told = labels.hstack(scores_of(answered.task, once)).filter(pl.col(LABEL).is_not_null())
        return (
            told.sort("predicted_at", "inference_id", descending=True)
            .with_columns((pl.col("arrived") - pl.col("predicted_at")).dt.total_seconds().cast(pl.Float64).alias(DELAY))
            .select(LABEL, *answered.task.scores, DELAY)
            .drop_nulls()
        )


def _codes(contract: DatasetContract, labels: Iterable[Label | None]) -> list[float | None]:
    """Labels as numbers; None of those that say nothing of quality, or that the model's contract does not know.

    Rows that were chosen because the model was unsure of them are the hardest.
    """
    reader = reader_of_labels(contract)
    codes = {name: float(code) for code, name in enumerate(contract.classes)}

    def code(label: Label | None) -> float | None:
        if label is None or label.label_source == LEAST_CONFIDENT:
            return None
        try:
            value = reader.json(exactly(label.label))
        except RefusedValueError:
            return None
        if value is None:
            return None
        return codes.get(value_text(value)) if codes else float(value_text(value))

    return [code(label) for label in labels]


def _written(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file, compression="zstd")
    return file.getvalue()
