"""A corpus of bad files: each ends in quarantine or with a reason; nothing reaches main, no cell a log."""

import gzip

import pytest

from lakeloop.failures import LONGEST_REASON
from tests.data import tiny_csv
from tests.faults.recorded import Loop

SECRET = "Jane Doe 555-1234"
HEADER = "id,y,f,i,c,t\n"
LONG = 2 * 1024 * 1024

DEAD = {
    "semicolons.csv": tiny_csv("k1;yes;1;;;", header="id;y;f;i;c;t"),
    "empty.csv": b"",
    "header-only.csv": HEADER.encode(),
    "blank.csv": b"\n\n\n",
    "png.csv": b"\x89PNG\r\n\x1a\n\xff\xfe",
    "sheet.xlsx": b"PK\x03\x04",
    "no-suffix": tiny_csv("k1,yes,1,,,"),
    "latin-1-header.csv": "id,y,f,i,c,é\nk1,yes,1,,,\n".encode("latin-1"),
    "utf-16.csv": tiny_csv("k1,yes,1,,,").decode().encode("utf-16"),
    "nul.csv": b"\0" * 1_000_000,
    "open-header.csv": b'"id,y,f,i,c,t\n' * 100_000,
    "no-header.csv": f"{SECRET},{SECRET},1,,,\n".encode() * 3,
}

QUARANTINED = {
    "binary.csv": bytes(range(256)) * 50,
    "huge-record.csv": HEADER.encode() + b"k1,yes," + b"9" * LONG + b",,,\n",
    "commas.csv": HEADER.encode() + b"," * LONG + b"\n",
    "open-quote.csv": HEADER.encode() + b'"' + f"{SECRET},yes,1,,,\n".encode() * 100_000,
    "quote-inside.csv": HEADER.encode() + f'"{SECRET}" x,yes,1,,,\n'.encode(),
    "not-utf-8.csv": HEADER.encode() + f"{SECRET}\xff,yes,1,,,\n".encode("latin-1"),
    "missing-column.csv": tiny_csv("k1,yes,1,,", header="id,y,i,c,t"),
    "wrong-label.csv": tiny_csv("k1,maybe,1,,,", "k2,maybe,1,,,"),
    "unknown-column.csv": tiny_csv("k1,yes,1,,,,x", header="id,y,f,i,c,t,q"),
    "surplus.csv": tiny_csv("k1,yes,1,,,,x,y,z"),
    "html.csv": b"<html>\n<body>\n</body>\n</html>\n",
}

# What stands in the way of many readers, and of none here.
TAKEN = {
    "gzip.csv": gzip.compress(tiny_csv("k1,yes,1,,,")),
    "cr-only.csv": tiny_csv("k1,yes,1,,,").replace(b"\n", b"\r"),
    "without-a-nullable-column.csv": tiny_csv("k1,yes,1,,", header="id,y,f,i,c"),
}


def ingested(name: str, body: bytes) -> Loop:
    loop = Loop()
    loop.put(loop.world.drop(name, body))
    loop.deliver_all()
    return loop


@pytest.mark.parametrize("name", DEAD)
def test_it_is_dead_lettered_with_a_reason_and_nothing_reaches_main(
    name: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = ingested(name, DEAD[name])

    [(_, failure)] = loop.queue.letters
    assert failure.object == f"s3://landing/incoming/tiny/{name}?versionId=v1"
    assert 10 < len(failure.reason) <= LONGEST_REASON
    assert "unforeseen" not in failure.reason
    for told in (failure.reason, caplog.text, capsys.readouterr().out):
        assert SECRET not in told
    assert loop.world.main == {}


@pytest.mark.parametrize("name", QUARANTINED)
def test_it_is_quarantined_whole_and_nothing_reaches_main(name: str) -> None:
    loop = ingested(name, QUARANTINED[name])

    assert loop.queue.letters == []
    assert len(loop.world.artifacts.objects) == 1
    assert loop.world.main == {}


@pytest.mark.parametrize("name", TAKEN)
def test_it_is_taken(name: str) -> None:
    loop = ingested(name, TAKEN[name])

    assert loop.queue.letters == []
    assert loop.world.lake.commits[-1].metadata["rows_committed"] == "1"


def test_a_file_of_blank_lines_takes_no_memory_to_speak_of() -> None:
    loop = ingested("blank-lines.csv", HEADER.encode() + b"k1,yes,1,,,\n" + b"\n" * 20_000_000)

    assert loop.world.lake.commits[-1].metadata["rows_in"] == "1"
