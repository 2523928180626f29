"""What is no YAML, or no contract's YAML, says file, line, column and cause."""

import pytest

from lakeloop.compiler.judge import judge
from lakeloop.compiler.source import read

UNREADABLE = {
    "nothing": ("", "taxi.yaml: is empty: a contract begins with `name:`"),
    "comments only": ("# soon\n", "taxi.yaml: is empty: a contract begins with `name:`"),
    "list": ("- a\n", "taxi.yaml:1: expected a mapping that begins with `name:`, found a list of 1"),
    "words": ("plain words", "taxi.yaml:1: expected a mapping that begins with `name:`, found plain words"),
    "tab": (
        "columns:\n\t- a\n",
        "taxi.yaml:2: column 1: found character '\\t' that cannot start any token; "
        "indent with spaces, YAML takes no tab there",
    ),
    "colon in a text": (
        "name: taxi\ndescription: Trips: all of them\n",
        'taxi.yaml:2: column 19: mapping values are not allowed here; quote a text that holds ": "',
    ),
    "bracket that is not closed": (
        "name: taxi\ncolumns: [a, b\nlabel: b\n",
        "taxi.yaml:3: column 6: expected ',' or ']', but got ':' while parsing a flow sequence that begins on line 2",
    ),
    "quote that is not closed": (
        "name: 'taxi\n",
        "taxi.yaml:2: column 1: found unexpected end of stream while scanning a quoted scalar that begins on line 1",
    ),
    "character that begins nothing": (
        "name: @taxi\n",
        "taxi.yaml:1: column 7: found character '@' that cannot start any token; "
        "quote a text that begins with this character",
    ),
    "two documents": ("name: a\n---\nname: b\n", "taxi.yaml:2: holds a second document: one contract a file"),
    "control character": ("name: a\nlabel: \x01\n", "taxi.yaml:2: character U+0001 cannot stand in YAML"),
    "key that is a list": ("? [a]\n: b\n", "taxi.yaml:1: expected a word as a key, found a list of 1"),
    "too deep": ("[" * 3000, "taxi.yaml:1: is nested deeper than 20 levels"),
    "half a character": ('name: "\\ud800"\n', "taxi.yaml:1: holds half of a character: write it as itself or by \\U"),
    "no character": ('name: "\\U00110000"\n', "taxi.yaml: is not YAML: chr() arg not in range(0x110000)"),
}


@pytest.mark.parametrize(("text", "problem"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_text_that_is_no_contract_says_why(text: str, problem: str) -> None:
    assert [str(found) for found in judge("taxi.yaml", text.encode()).problems] == [problem]


def test_bytes_that_are_not_utf_8_are_named() -> None:
    [problem] = judge("taxi.yaml", "name: taxi\ndescription: Zürich\n".encode("latin-1")).problems

    assert str(problem) == "taxi.yaml:2: byte 0xfc is not UTF-8: save the file as UTF-8"


def test_a_byte_order_mark_is_no_part_of_the_contract() -> None:
    assert read("taxi.yaml", b"\xef\xbb\xbfname: taxi\n").value == {"name": "taxi"}


def test_every_scalar_is_the_text_that_is_written_and_nothing_is_nothing() -> None:
    source = read("taxi.yaml", b"a: yes\nb: 1.10\nc: null\nd:\ne: ''\nf: [12:30, ]\ng: |\n  two\n  lines\n")

    assert source.value == {
        "a": "yes",
        "b": "1.10",
        "c": "null",
        "d": None,
        "e": "",
        "f": ["12:30"],
        "g": "two\nlines\n",
    }


def test_anchors_aliases_tags_and_keys_that_are_there_twice_are_refused() -> None:
    text = b"row_key: &key trip\nlabel: *key\nseed: !!int 7\nlist: !x [a]\nname: a\nname: b\n"

    refused = [str(source.problem(path, what)) for source in [read("t.yaml", text)] for path, what in source.refused]

    assert refused == [
        "t.yaml:1: row_key: take away &key: a contract takes no anchor",
        "t.yaml:2: label: write the value out: a contract takes no alias such as *key",
        "t.yaml:3: seed: take away !!int: a contract takes no tag, the schema says what a text means",
        "t.yaml:4: list: take away !x: a contract takes no tag, the schema says what a text means",
        "t.yaml:5: name: is there twice, on line 6 again: keep one",
    ]


def test_a_place_is_called_by_the_columns_name_and_has_its_line() -> None:
    source = read("t.yaml", b"columns:\n  - name: fare\n    type: x\n  - {type: y}\n")

    assert str(source.problem(("columns", 0, "type"), "wrong")) == "t.yaml:3: columns.fare.type: wrong"
    assert str(source.problem(("columns", 1, "type"), "wrong")) == "t.yaml:4: columns[1].type: wrong"
    assert str(source.problem(("columns", 1, "name"), "missing")) == "t.yaml:4: columns[1].name: missing"


def test_a_mark_inside_a_list_is_refused_at_its_own_place() -> None:
    source = read("t.yaml", b"columns:\n  - name: a\n  - name: &x b\n")

    assert [path for path, _ in source.refused] == [("columns", 1, "name")]


@pytest.mark.parametrize("half", ["\\ud800", "\\udbff", "\\udc00", "\\udfff"])
def test_each_half_of_a_character_is_refused(half: str) -> None:
    [problem] = judge("taxi.yaml", f'name: "{half}"\n'.encode()).problems

    assert "holds half of a character" in str(problem)


def test_the_characters_beside_the_halves_are_whole() -> None:
    assert read("t.yaml", b'a: "\\ud7ff\\ue000"\n').value == {"a": "\ud7ff\ue000"}
