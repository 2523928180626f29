"""How a file is written: format, encoding, delimiter, quotes, header."""

import gzip
import io

import polars as pl
import pytest

from lakeloop.contract import FileFormat
from lakeloop.errors import UnreadableObjectError
from lakeloop.inference.sample import sample_of
from tests.unit.inference.files import Content, inferred, landed

NAMES = ["id", "y", "a"]


@pytest.mark.parametrize(
    ("content", "file"),
    [
        ("id,y,a\n1,u,2\n2,v,3\n", {}),
        ("id;y;a\n1;u;2,5\n2;v;3,5\n", {"delimiter": ";"}),
        ("id\ty\ta\n1\tu\t2\n2\tv\t3\n", {"delimiter": "\t"}),
        ("id||y||a\n1||u||2\n2||v||3\n", {"delimiter": "||"}),
        ("id   y  a\n1    u  2\n22   v  3\n", {"delimiter": "whitespace"}),
        ("sep=;\nid;y;a\n1;u;2\n2;v;3\n", {"delimiter": ";"}),
        ("id,y,a\n1,'u, w',2\n2,'v',3\n", {"quotechar": "'"}),
        ('id,y,a\n1,"u \\"x\\" w",2\n2,v,3\n', {"escapechar": "\\"}),
        ("Report of sales\n\nid,y,a\n1,u,2\n2,v,3\n", {"skiprows": 2}),
        ("# made by hand\nid,y,a\n1,u,2\n# half\n2,v,3\n", {"comment": "#"}),
        ("id,y,a\n-,°C,%\n1,7,2\n2,8,3\n", {"skip_after_header": 1}),
        (",X1,Y\nid,y,a\n1,7,2\n2,8,3\n", {"skiprows": 1}),
        ("id,y,a\n1,u,2\n2,v,3\nTotal,,5\n", {"footer": "^Total"}),
        ("id,y,a\n1,u,2\n2,v,3\nAverage:,,2.5\n", {"footer": "^Average:"}),
        ("id,y,a,\n1,u,2\n2,v,3\n", {}),
        ("id,y,a\n1,u,2,,\n2,v,3,,\n", {}),
        ("id,y,a\r1,u,2\r2,v,3\r", {}),
        ("id,y,a\n1,ü,2\n2,v,3\n".encode("latin-1"), {"encoding": "windows-1252"}),
        ("id,y,a\n1,ü,2\n2,v,3\n".encode("utf-16"), {"encoding": "utf-16"}),
        (gzip.compress(b"id,y,a\n1,u,2\n2,v,3\n", mtime=0), {}),
    ],
)
def test_a_dialect_is_found_and_names_the_columns(content: Content, file: dict[str, object]) -> None:
    found = sample_of(landed(content))

    assert found.file == FileFormat.model_validate(file)
    assert list(found.names or ()) == NAMES
    assert found.frame.height == 2


@pytest.mark.parametrize(
    "content",
    [
        "39, State-gov, 77516\n50, Self, 83311\n38, Private, 215646\n",
        "5.1,3.5,setosa\n4.9,3.0,setosa\n4.7,3.2,virginica\n",
        "p,x,s\ne,x,s\np,x,y\ne,x,s\n",
        "569,2,a\n1,2,3,4\n5,6,7,8\n9,10,11,12\n",
        "Sat,22 Apr 2017 15:11:58 -0500\nFri,21 Apr 2017 14:20:57 -0500\nThu,20 Apr 2017 10:00:01 -0500\n",
        "2024-01-01,NA\n2024-01-02,3\n2024-01-03,4\n",
    ],
)
def test_a_file_without_a_header_is_told_by_its_first_record(content: str) -> None:
    assert sample_of(landed(content)).names is None


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("country,1990,1991,1992\nA,1,2,3\nB,4,5,6\n", ["country", "1990", "1991", "1992"]),
        ('"","1949"\n"1",112\n"2",118\n', ["", "1949"]),
        ("a,b\nx,y\nz,w\n", ["a", "b"]),
    ],
)
def test_names_that_are_numbers_or_stand_above_words_are_a_header(content: str, names: list[str]) -> None:
    assert list(sample_of(landed(content)).names or ()) == names


def test_a_header_with_one_name_less_leaves_the_first_column_without_one() -> None:
    contract = inferred("mpg cyl\nMazda 21.0 6\nFiat 22.8 4\nVolvo 24.1 4\n").contract

    assert (contract.file.header, contract.file.skiprows, contract.file.delimiter) == (False, 1, "whitespace")
    assert [column.name for column in contract.columns] == ["row_name", "mpg", "cyl"]


def test_a_name_that_stands_twice_tells_columns_by_their_place() -> None:
    contract = inferred("a,b,a\n1,2.5,3\n4,5.5,6\n").contract

    assert (contract.file.header, contract.file.skiprows) == (False, 1)
    assert [column.name for column in contract.columns] == ["a", "b", "a_2"]


def test_json_lines_are_told_by_their_first_character() -> None:
    contract = inferred('{"a": 1.5, "y": "u"}\n{"y": "v", "a": null, "l": [1]}\n', name="table.json").contract

    assert contract.file.format == "jsonl"
    assert [(column.name, column.type) for column in contract.columns] == [
        ("a", "float"),
        ("y", "string"),
        ("l", "skip"),
    ]


def test_parquet_is_told_by_its_first_bytes() -> None:
    body = io.BytesIO()
    pl.DataFrame({"a": [1.5, None, 2.5], "b": [True, False, True], "l": [[1], [2], [3]]}).write_parquet(body)

    contract = inferred(body.getvalue(), name="table.parquet", label="a").contract

    assert contract.file == FileFormat()
    assert [(column.type, column.nullable) for column in contract.columns] == [
        ("float", True),
        ("boolean", False),
        ("skip", False),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04rest", "a spreadsheet or a zip"),
        (b'[{"a": 1}]', "one list of JSON"),
        (b'[\n  {\n    "a": 1,\n    "b": 2\n  },\n  {\n    "a": 3,\n    "b": 4\n  }\n]\n', "one list of JSON"),
        (b'{"type": "FeatureCollection",\n"features": [\n]}\n', "no line of it is an object of JSON"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_table_is_said_to_be_none(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableObjectError, match=said):
        inferred(content)


def test_files_of_another_order_of_columns_below_each_other_are_no_table() -> None:
    with pytest.raises(UnreadableObjectError, match="line 4 names the columns in another order"):
        inferred("id,y,a\n1,u,2\n2,v,3\na,y,id\n4,u,3\n5,v,4\n")


def test_a_line_before_the_header_is_said() -> None:
    notes = inferred("Report of sales\nid,y,a\n1,u,2\n2,v,3\n").notes

    assert notes[0] == "the first line has other fields than those below"


def test_of_a_large_file_blocks_from_start_to_end_are_looked_at() -> None:
    rows = "\n".join(f"{place},{place % 7}" for place in range(2_000_000))

    found = sample_of(landed(f"n,x\n{rows}\n"), most_bytes=5_000_000)

    assert not found.whole
    assert found.frame.height < 2_000_000
    assert found.frame["0"].cast(pl.Int64).max() > 1_500_000  # type: ignore[operator]
