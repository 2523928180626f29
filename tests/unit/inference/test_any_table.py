"""Whatever a file holds, a contract comes out that the judge takes, or it is said why none can."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeloop.errors import UnreadableObjectError
from lakeloop.inference.outcome import outcome_of
from tests.unit.inference.files import inferred, landed

CELLS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=True).map(str),
    st.sampled_from(
        ["", "NA", "yes", "no", "TRUE", "-999", "1,5", "1.234,50", "$3", "12%", "007", '="01"', "1E+05", ".", "?"]
    ),
    st.sampled_from(["2024-02-29", "29.02.2024", "1/2/24", "2024-01-05T10", "0000-00-00", "10:30", "Jan 5, 2024"]),
    st.text(st.characters(codec="utf-8"), max_size=8),
)
QUOTED = CELLS.map(lambda cell: '"' + cell.replace('"', '""') + '"' if set(cell) & set(',";\n\r\t') else cell)
SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(st.lists(st.lists(QUOTED, min_size=1, max_size=5), min_size=1, max_size=12), st.sampled_from([",", ";", "\t"]))
def test_a_table_of_any_cells_gets_a_contract_or_a_reason(rows: list[list[str]], delimiter: str) -> None:
    assert_foreseen("\n".join(delimiter.join(row) for row in rows).encode(errors="replace"))


@SETTINGS
@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(QUOTED, min_size=width, max_size=width), min_size=2, max_size=30)
    )
)
def test_a_table_of_one_width_gets_a_contract_under_which_no_row_is_lost(rows: list[list[str]]) -> None:
    assert_foreseen("\n".join(",".join(row) for row in rows).encode(errors="replace"))


@SETTINGS
@given(st.binary(max_size=200))
def test_any_bytes_get_a_contract_or_a_reason(body: bytes) -> None:
    assert_foreseen(body)


def assert_foreseen(body: bytes) -> None:
    try:
        found = inferred(body)
    except UnreadableObjectError as error:
        refused = str(error)
    else:
        refused = ""
    assert "no contract can be written" not in refused
    if refused:
        return
    try:
        outcome = outcome_of(found.contract, landed(body))
    except UnreadableObjectError:
        return
    assert outcome.rows_in == outcome.committed + outcome.quarantined


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"a",
        b"a\n",
        b"\xef\xbb\xbf",
        b"a,a\n1,2\n",
        b'"',
        b"1\n",
        b"{}\n",
        b'{"a": 1}\n',
        b'{"a": [1]}\n',
        b":\n0\n",
        b"0,0,,,\n0,0,0,0,0\n",
        b"0\n,0,0\n0\n",
        "²,a\n1,2\n".encode(),
        "\U0001b2fc\n0\n".encode(),
    ],
)
def test_the_smallest_files_get_a_contract_or_a_reason(body: bytes) -> None:
    assert_foreseen(body)
