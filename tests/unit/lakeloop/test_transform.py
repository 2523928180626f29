"""Every row is judged once and goes to exactly one place, with its reasons."""

import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest import ranges, repeats
from lakeloop.ingest.keys import SeenKeys
from lakeloop.ingest.placing import split_names
from lakeloop.ingest.transform import BLOCK_BYTES, transform
from lakeloop.ingest.transformed import TransformedFile
from tests.data import tiny, tiny_csv

GOOD = "k1,yes,1.5,7,b,true"


def transformed(
    body: bytes, folder: Path, contract: DatasetContract | None = None, block_bytes: int = BLOCK_BYTES
) -> TransformedFile:
    return transform(contract or tiny(), lambda: io.BytesIO(body), "t.csv", folder, block_bytes)


def quarantined(result: TransformedFile) -> list[dict[str, Any]]:
    return pl.read_parquet(result.quarantine).to_dicts() if result.quarantine else []


def committed(result: TransformedFile) -> list[tuple[float | None, ...]]:
    """The features of all splits."""
    return [row for part in result.ranges for path in part.features.values() for row in pl.read_parquet(path).rows()]


def test_a_good_row_becomes_numbers_with_the_label_first(tmp_path: Path) -> None:
    result = transformed(tiny_csv(GOOD), tmp_path)

    assert committed(result) == [(1.0, 1.5, 7.0, 2.0, 1.0)]
    frame = pl.read_parquet(next(iter(result.ranges[0].features.values())))
    assert frame.columns == ["y", "f", "i", "c", "t"]


@pytest.mark.parametrize(("text", "number"), [("true", 1.0), ("TRUE", 1.0), ("1", 1.0), ("False", 0.0), ("0", 0.0)])
def test_words_of_a_boolean_become_one_and_zero(tmp_path: Path, text: str, number: float) -> None:
    result = transformed(tiny_csv(f"k1,yes,1.5,7,b,{text}"), tmp_path)

    assert committed(result) == [(1.0, 1.5, 7.0, 2.0, number)]


def test_columns_are_found_by_name_not_by_position(tmp_path: Path) -> None:
    result = transformed(tiny_csv("true,b,7,1.5,yes,k1", header="t,c,i,f,y,id"), tmp_path)

    assert committed(result) == [(1.0, 1.5, 7.0, 2.0, 1.0)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("k1,yes,abc,,,", {"column": "f", "rule": "type: float", "value": "abc"}),
        ("k1,yes,inf,,,", {"column": "f", "rule": "type: float", "value": "inf"}),
        ("k1,yes,nan,,,", {"column": "f", "rule": "type: float", "value": "nan"}),
        ("k1,yes,-1,,,", {"column": "f", "rule": "min: 0", "value": "-1"}),
        ("k1,yes,11,,,", {"column": "f", "rule": "max: 10", "value": "11"}),
        ("k1,yes,,,,", {"column": "f", "rule": "required", "value": None}),
        ("k1,yes,1,1.5,,", {"column": "i", "rule": "type: integer", "value": "1.5"}),
        ("k1,yes,1,,z,", {"column": "c", "rule": "one of a, b", "value": "z"}),
        ("k1,yes,1,,,perhaps", {"column": "t", "rule": "type: boolean, true or false", "value": "perhaps"}),
        ("k1,maybe,1,,,", {"column": "y", "rule": "one of yes, no", "value": "maybe"}),
        ("k1,,1,,,", {"column": "y", "rule": "required", "value": None}),
        (",yes,1,,,", {"column": "id", "rule": "required", "value": None}),
        ("k1,yes,1,,,,more", {"column": "", "rule": "columns: 6, the line has 7", "value": None}),
    ],
)
def test_a_bad_row_is_quarantined_with_column_rule_and_value(row: str, reason: dict[str, str], tmp_path: Path) -> None:
    result = transformed(tiny_csv(row), tmp_path)

    [bad] = quarantined(result)
    assert bad["reasons"] == [reason]
    assert bad["row"] == 1
    assert committed(result) == []


def test_a_row_with_several_faults_tells_all_of_them(tmp_path: Path) -> None:
    [bad] = quarantined(transformed(tiny_csv("k1,maybe,abc,1.5,z,"), tmp_path))

    assert [reason["column"] for reason in bad["reasons"]] == ["y", "f", "i", "c"]
    assert (bad["line"], bad["raw"]) == (2, b"k1,maybe,abc,1.5,z,")


def test_the_first_good_row_of_a_key_wins(tmp_path: Path) -> None:
    body = tiny_csv("k1,yes,abc,,,", "k1,yes,1,,,", "k1,no,2,,,")

    result = transformed(body, tmp_path)

    assert committed(result) == [(1.0, 1.0, None, None, None)]
    assert sorted(bad["row"] for bad in quarantined(result)) == [1, 3]


def test_white_space_does_not_count_and_blank_lines_are_no_rows(tmp_path: Path) -> None:
    result = transformed(tiny_csv(" k1 , yes , 1 ,,,", "", "  "), tmp_path)

    assert result.rows_in == 1
    assert committed(result) == [(1.0, 1.0, None, None, None)]


@pytest.mark.parametrize(
    ("header", "rule"), [("id,y,f,i,T,q", "missing column: c"), ("id,y,f,i,c,t,q", "unknown column: `q`")]
)
def test_a_header_that_does_not_fit_quarantines_every_row(header: str, rule: str, tmp_path: Path) -> None:
    fields = "," * (header.count(",") - 2)
    result = transformed(tiny_csv(f"k1,yes,1{fields}", f"k2,yes,1{fields}", header=header), tmp_path)

    assert (result.rows_in, result.rows_committed, result.rows_quarantined) == (2, 0, 2)
    assert any(reason["rule"].startswith(rule) for reason in quarantined(result)[0]["reasons"])


@pytest.mark.parametrize("body", [b"", b"id,y,f,i,c,t\n", b"id,\xff\n1,1\n", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd\0"])
def test_what_is_no_table_is_unreadable(body: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnreadableObjectError):
        transformed(body, tmp_path)


cells = st.sampled_from(["", "1", "2.5", "abc", "yes", "no", "a", "b", "true", "k1", "k2", "k3", " ", "-9", "99"])
rows = st.lists(st.lists(cells, min_size=6, max_size=7).map(",".join), min_size=1, max_size=30)


@given(rows=rows)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_in_are_rows_committed_and_rows_quarantined(
    rows: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    counted = [row for row in rows if row.replace(",", "").strip()]
    if not counted:
        return

    if len(counted) > 1 and all(row.count(",") == 6 and row.rpartition(",")[2].strip() for row in counted):
        with pytest.raises(UnreadableObjectError, match="every line has one value more than the header"):
            transformed(tiny_csv(*rows), tmp_path_factory.mktemp("rows"))
        return
    result = transformed(tiny_csv(*rows), tmp_path_factory.mktemp("rows"))

    assert result.rows_in == len(counted) == result.rows_committed + result.rows_quarantined
    assert len(committed(result)) == result.rows_committed
    assert len(quarantined(result)) == result.rows_quarantined
    assert all(bad["reasons"] for bad in quarantined(result))


def test_the_size_of_the_blocks_changes_nothing(tmp_path: Path) -> None:
    body = tiny_csv(*(f"k{n % 90},{'yes' if n % 3 else 'maybe'},{n / 10},{n},a,true" for n in range(120)))
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    whole = transformed(body, tmp_path / "one")

    blocks = transformed(body, tmp_path / "many", block_bytes=200)

    assert sorted(committed(blocks)) == sorted(committed(whole))
    by_row = [sorted(quarantined(result), key=lambda bad: bad["row"]) for result in (blocks, whole)]
    assert by_row[0] == by_row[1]
    assert blocks.sha256 == whole.sha256


@pytest.mark.parametrize("pattern", ["{}", "bc-{:04}", "user{:07}@example.org"])
def test_splits_have_about_their_fractions_also_for_numbered_keys(pattern: str) -> None:
    found = split_names(tiny(), pl.DataFrame({"id": [pattern.format(n) for n in range(10_000)]}))

    for name, fraction in tiny().splits.fractions:
        # Five standard deviations of a binomial distribution.
        assert abs((found == name).mean() - fraction) < 5 * (fraction * (1 - fraction) / 10_000) ** 0.5


@pytest.mark.parametrize(
    ("quality", "said"),
    [
        ({"max_rejected_fraction": 0.5}, "file: 66.7% of 3 rows rejected, at most 50.0% allowed"),
        ({"max_rejected_fraction": 1, "min_rows": 4}, "file: 3 rows, at least 4 expected"),
    ],
)
def test_a_file_over_a_limit_is_quarantined_whole(quality: dict[str, float], said: str, tmp_path: Path) -> None:
    contract = tiny(quality=quality)
    body = tiny_csv("k1,yes,1,,,", "k2,yes,abc,,,", "k3,maybe,1,,,")

    whole = transformed(body, tmp_path, contract)

    assert (whole.rows_committed, whole.rows_quarantined) == (0, 3)
    assert all({"column": "", "rule": said, "value": None} in bad["reasons"] for bad in quarantined(whole))


def test_missing_values_count_as_rejected_where_nothing_is_learned(tmp_path: Path) -> None:
    contract = tiny(problem=None, label=None, positive_class=None, quality={"max_rejected_fraction": 0.5})

    result = transformed(tiny_csv("k1,yes,,7,b,true", "k2,yes,,7,b,true", GOOD.replace("k1", "k3")), tmp_path, contract)

    assert result.rows_committed == 0
    assert quarantined(result)[0]["reasons"][0]["rule"] == "file: 66.7% of 3 rows rejected, at most 50.0% allowed"


def test_what_cannot_be_read_is_told_without_the_cell(tmp_path: Path) -> None:
    result = transformed(tiny_csv(GOOD, '"Jane Doe" x,yes,1,,,'), tmp_path)

    [bad] = quarantined(result)
    assert bad["reasons"] == [
        {
            "column": "",
            "rule": "text stands behind the closing quote of column 1: double the quotes inside",
            "value": None,
        }
    ]


def test_the_last_row_of_a_key_holds_where_the_contract_says_so(tmp_path: Path) -> None:
    contract = tiny(repeats="last")
    body = tiny_csv("k1,yes,1,,,", "k2,no,2,,,", "k1,no,3,,,", "k1,yes,x,,,")

    for size in (10, BLOCK_BYTES):
        (tmp_path / str(size)).mkdir()
        result = transformed(body, tmp_path / str(size), contract, size)

        assert sorted(committed(result)) == [(0.0, 2.0, None, None, None), (0.0, 3.0, None, None, None)]
        later = "unique: a later row has this key, and the last one holds"
        assert [
            (bad["row"], bad["reasons"][0]["rule"]) for bad in sorted(quarantined(result), key=lambda b: b["row"])
        ] == [
            (1, later),
            (4, "type: float"),
        ]


def test_rows_without_a_label_are_kept_and_are_no_features(tmp_path: Path) -> None:
    columns = [column.model_copy(update={"nullable": column.name != "id"}) for column in tiny().columns]
    result = transformed(tiny_csv(GOOD, "k2,,2,,,"), tmp_path, tiny(columns=columns))

    assert result.rows_committed == 2
    assert committed(result) == [(1.0, 1.5, 7.0, 2.0, 1.0)]


def test_too_many_missing_values_of_a_column_set_the_file_aside(tmp_path: Path) -> None:
    columns = [
        column.model_copy(update={"max_null_fraction": 0.4 if column.name == "i" else None})
        for column in tiny().columns
    ]
    whole = transformed(tiny_csv(GOOD, "k2,no,2,,,"), tmp_path, tiny(columns=columns))

    assert (whole.rows_committed, whole.rows_quarantined) == (0, 2)
    rules = {reason["rule"] for bad in quarantined(whole) for reason in bad["reasons"]}
    assert rules == {"file: i is missing in 50.0% of 2 rows, at most 40.0% allowed"}


@given(blocks=st.lists(st.lists(st.sampled_from([f"k{n}" for n in range(40)]), max_size=8), max_size=20))
@settings(deadline=None)
def test_a_key_is_new_once(blocks: list[list[str]]) -> None:
    seen, known = SeenKeys(), set[str]()

    for block in blocks:
        fresh = seen.first_of_each(pl.Series(block, dtype=pl.String).hash()).to_list()
        for key, new in zip(block, fresh, strict=True):
            assert new == (key not in known)
            known.add(key)


def colliding(keys: pl.Series, seed: int) -> pl.Series:
    """One hash for keys of the same length, until another seed is asked for."""
    return keys.hash(seed) if seed else keys.str.len_bytes().cast(pl.UInt64)


@pytest.mark.parametrize("few_bytes", [0, ranges.FEW_BYTES], ids=["written", "in memory"])
@pytest.mark.parametrize("which", ["reject", "last"])
@pytest.mark.parametrize("block_bytes", [20, BLOCK_BYTES])
def test_keys_of_one_hash_are_two_keys(
    which: str, block_bytes: int, few_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = tiny(repeats=which)
    lines = [f"k{n % 7},{('yes', 'no')[n % 2]},{n},,," for n in range(9)]
    body = tiny_csv(*lines)
    told_apart = transformed(body, tmp_path, contract, block_bytes)

    monkeypatch.setattr(repeats, "hashed", colliding)
    monkeypatch.setattr(ranges, "FEW_BYTES", few_bytes)
    met = transformed(body, tmp_path, contract, block_bytes)

    assert met.rows_committed == 7
    assert sorted(committed(met)) == sorted(committed(told_apart))
    assert quarantined(met) == quarantined(told_apart)


def test_keys_that_stand_twice_are_read_once_where_no_hashes_meet(tmp_path: Path) -> None:
    reads = []

    def opener() -> io.BytesIO:
        reads.append(1)
        return io.BytesIO(tiny_csv(GOOD, GOOD, "k2,no,2,,,"))

    transform(tiny(), opener, "t.csv", tmp_path, 20)

    assert len(reads) == 1


def test_keys_lie_in_few_runs_however_many_blocks_they_came_in() -> None:
    seen = SeenKeys()

    for block in range(500):
        seen.first_of_each(pl.Series([f"{block}-{n}" for n in range(10)]).hash())

    assert sum(seen.run_lengths) == 5000
    assert all(older >= 2 * newer for older, newer in pairwise(seen.run_lengths))
