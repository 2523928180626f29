"""Where a row goes, for good: these figures may never change, or rows of users change their split."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lakeloop.contract import Blocks, Column
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.splits import Row, block_number, border, borders, position, seconds, split_of, split_text
from tests.data import tiny


@pytest.mark.parametrize(
    ("text", "seed", "place"),
    [
        ("", 0, 0),
        ("", 1, 1364076727),
        ("1", 0, 3360829870),
        ("1016", 0, 2779425290),
        ("1016", 7, 1158121011),
        ("ä", 0, 1756041165),
    ],
)
def test_a_text_has_its_place_for_ever(text: str, seed: int, place: int) -> None:
    """Computed apart from the code, by crc32 of zlib and fmix32 as it is published."""
    assert position(text, seed) == place / 2**32


def test_a_row_at_a_border_belongs_to_what_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = tiny(splits={"train": 0.5, "validation": 0.25, "test": 0.25})

    def split(place: float) -> str:
        monkeypatch.setattr("lakeloop.values.splits.position", lambda *_: place)
        return split_of(contract, {"id": "1"})

    assert [split(place) for place in (0.0, 0.4999)] == ["train", "train"]
    assert [split(place) for place in (0.5, 0.7499)] == ["validation", "validation"]
    assert [split(place) for place in (0.75, 0.9999)] == ["test", "test"]


@pytest.mark.parametrize(
    ("every", "value", "number"),
    [
        ("7d", date(1970, 1, 7), 0),
        ("7d", date(1970, 1, 8), 1),
        ("7d", date(1969, 12, 31), -1),
        ("12h", date(1970, 1, 2), 2),
        ("1d", datetime(1970, 1, 1, 23, 59, 59, 999999, tzinfo=UTC), 0),
        ("1d", datetime(1970, 1, 2, tzinfo=UTC), 1),
        ("90s", datetime(1970, 1, 1, 0, 3, tzinfo=UTC), 2),
        ("30min", datetime(1970, 1, 1, 1, 29, 59, tzinfo=UTC), 2),
        ("2h", datetime(1970, 1, 1, 5, 59, tzinfo=UTC), 2),
        (100, 99, 0),
        (100, 100, 1),
        (100, -1, -1),
        (0.5, 1.25, 2),
    ],
)
def test_blocks_are_counted_from_zero_or_1970(every: object, value: Value, number: int) -> None:
    blocks = Blocks.model_validate({"column": "c", "every": every})

    assert block_number(blocks, value) == number
    contract = tiny(splits={"by": {"column": "f", "every": every}}) if not isinstance(every, str) else None
    assert contract is None or split_text(contract, {"f": value}) == str(number)


@pytest.mark.parametrize(("duration", "length"), [("90s", 90), ("5min", 300), ("2h", 7200), ("7d", 604_800)])
def test_a_duration_is_so_many_seconds(duration: str, length: int) -> None:
    assert seconds(duration) == length


@pytest.mark.parametrize(
    ("gap", "ends"),
    [(None, (10, 10, 20, 20)), (0, (10, 10, 20, 20)), (3, (10, 13, 20, 23))],
)
def test_a_gap_lies_behind_each_border(gap: object, ends: tuple[Value, ...]) -> None:
    blocks = Blocks.model_validate({"column": "n", "until": {"train": "10", "validation": "20"}, "gap": gap})

    assert borders(blocks, Column(name="n", type="integer")) == ends


def test_a_gap_of_time_is_as_long_as_it_says() -> None:
    until = {"train": "2024-03-01", "validation": "2024-04-01"}
    blocks = Blocks.model_validate({"column": "t", "until": until, "gap": "36h"})

    train, after_train, validation, after_validation = borders(blocks, Column(name="t", type="timestamp"))

    assert train == datetime(2024, 3, 1, tzinfo=UTC)
    assert after_train == datetime(2024, 3, 1, tzinfo=UTC) + timedelta(hours=36)
    assert (validation, after_validation) == (
        datetime(2024, 4, 1, tzinfo=UTC),
        datetime(2024, 4, 1, tzinfo=UTC) + timedelta(hours=36),
    )


def test_a_border_is_a_plain_number_before_it_is_one_as_files_write_it() -> None:
    euro = Column.model_validate({"name": "n", "type": "float", "decimal": ",", "thousands": "."})

    assert [border(text, euro) for text in ("1.5", "1,5", "-2")] == [1.5, 1.5, -2.0]
    with pytest.raises(RefusedValueError, match="float"):
        border("soon", euro)


def test_blocks_by_hash_have_no_borders() -> None:
    with pytest.raises(ValueError, match="the blocks of c have no borders"):
        borders(Blocks(column="c", every=1), Column(name="c", type="integer"))


def test_equal_values_share_a_split_whatever_their_keys_are_and_whatever_is_null() -> None:
    values = tiny(splits={"by": "values"})
    row: Row = {"id": "1", "y": "no", "f": 1.0, "i": None, "c": "a", "t": None}

    assert split_text(values, row) == split_text(values, {**row, "id": "2"})
    assert split_text(values, row) != split_text(values, {**row, "f": 2.0})
    assert split_text(tiny(row_key=[]), row) != split_text(tiny(row_key=[]), {**row, "id": "2"})
    assert split_text(tiny(splits={"by": ["c", "y"]}), row) == "a\0no"
