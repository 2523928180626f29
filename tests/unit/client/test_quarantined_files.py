"""From quarantine to main: list, export, mend in the CSV, send, and what becomes of it in the gate."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lakeloop.adapters.s3 import S3Artifacts, S3Landing
from lakeloop.cli.commands import quarantine
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError, RefusedDataError
from lakeloop.client.quarantine import Reason, Rejected
from lakeloop.client.quarantined_files import QuarantinedFiles
from lakeloop.client.rejected_csv import RejectedCsv
from lakeloop.contract import DatasetContract
from lakeloop.contract.file import FileFormat
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryContracts, message, notification
from tests.lake_content import rows_on_main
from tests.unit.client.deployed import deploy_contracts, emulated
from tests.world import ROWS, Ingest, World

DATASET = "breast_cancer"
BAD = ("bad,maybe,1,,,", 'worse,yes,"11",,,', 'damaged,"yes"no,1,,,')


class Loop:
    """The gate on emulated S3, with a lake in memory, and the operator beside it."""

    def __init__(self, environment: Environment, contract: DatasetContract) -> None:
        self.environment = environment
        outputs = environment.outputs
        outputs.contracts_index = deploy_contracts(environment.s3, outputs.artifacts_bucket, contract)
        self.world = World(contract)
        environment.__dict__["lake"] = self.world.lake
        self.gate = Ingest(
            self.world.made(
                landing=S3Landing(environment.s3, outputs.landing_bucket),
                artifacts=S3Artifacts(environment.s3, outputs.artifacts_bucket),
                contracts=MemoryContracts(contract),
            )
        )

    @property
    def files(self) -> QuarantinedFiles:
        return QuarantinedFiles(self.environment, DATASET)

    def drop(self, name: str, body: bytes) -> None:
        self.environment.s3.put_object(Bucket=self.bucket, Key=f"incoming/{DATASET}/{name}", Body=body)
        self.judge(f"incoming/{DATASET}/{name}")

    def mend(self, csv: bytes) -> int:
        """Send a mended CSV and have it judged; how many rows were sent."""
        sent = self.files.mend(csv)
        if sent.sent:
            self.judge(sent.uri.removeprefix(f"s3://{self.bucket}/"))
        return sent.sent

    def judge(self, key: str) -> None:
        version = self.environment.s3.head_object(Bucket=self.bucket, Key=key)["VersionId"]
        assert self.gate.handle([message(notification(key, version, self.bucket), version)]) == {}

    @property
    def bucket(self) -> str:
        return self.environment.outputs.landing_bucket

    @property
    def keys(self) -> list[str]:
        return sorted(rows_on_main(self.world.lake)["id"])


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        yield environment


@pytest.fixture
def loop(environment: Environment) -> Loop:
    return Loop(environment, tiny(name=DATASET))


def test_rows_mended_in_the_exported_csv_join_the_good_ones_of_their_file(loop: Loop) -> None:
    loop.drop("a.csv", tiny_csv(*ROWS, *BAD))
    csv = loop.files.export(loop.files.find("a.csv"))

    mended = csv.replace(b"bad,maybe", b"bad,yes").replace(b'"11"', b"1,,,").replace(b'"yes"no', b"yes")
    sent = loop.mend(mended.replace(b"1,,,,,,", b"1,,,"))

    assert sent == 3
    assert loop.keys == sorted(["bad", "damaged", "worse", *(f"k{n}" for n in range(20))])
    assert list(loop.files.all()) == []


def test_what_is_still_bad_is_listed_again_and_can_be_mended_in_a_second_turn(loop: Loop) -> None:
    loop.drop("a.csv", tiny_csv(*ROWS, *BAD))
    first = loop.files.export(loop.files.find("a.csv"))
    loop.mend(first.replace(b"bad,maybe", b'bad,"y\n"').replace(b"worse,yes", b"worse,perhaps"))

    [file] = loop.files.all()
    second = loop.files.export(loop.files.find("a.csv"))
    loop.mend(second.replace(b'bad,"y\n"', b"bad,yes"))

    assert file.rows == 3
    assert [row.line for row in loop.files.rows(loop.files.find("a.csv"))] == [23, 24]
    assert loop.keys == sorted(["bad", *(f"k{n}" for n in range(20))])


def test_the_same_csv_sent_twice_sends_nothing_the_second_time(loop: Loop) -> None:
    loop.drop("a.csv", tiny_csv(*ROWS, BAD[0]))
    mended = loop.files.export(loop.files.find("a.csv")).replace(b"bad,maybe", b"bad,yes")

    assert [loop.mend(mended), loop.mend(mended)] == [1, 0]

    assert loop.keys.count("bad") == 1


def test_a_mend_that_is_not_judged_yet_is_said_to_wait(loop: Loop) -> None:
    loop.drop("a.csv", tiny_csv(*ROWS, BAD[0]))
    loop.files.mend(loop.files.export(loop.files.find("a.csv")).replace(b"bad,maybe", b"bad,yes"))

    [file] = loop.files.all()

    assert (file.rows, file.mend_waits, file.on_main) == (1, True, True)


def test_a_newer_version_of_the_file_wins_and_says_so(loop: Loop) -> None:
    loop.drop("a.csv", tiny_csv(*ROWS, BAD[0]))
    csv = loop.files.export(loop.files.find("a.csv"))
    loop.drop("a.csv", tiny_csv(*ROWS[:5], BAD[0]))

    with pytest.raises(RefusedDataError, match=r"a newer version of incoming/breast_cancer/a\.csv landed"):
        loop.files.mend(csv.replace(b"maybe", b"yes"))

    assert "bad" not in loop.keys


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda csv: csv.replace(b"_line,", b"_row,"), "names no `quarantine_..._line`"),
        (lambda csv: csv.replace(b"id,y,f", b"id,f,y"), "name the columns as exported"),
        (lambda csv: csv.replace(b"\n22,", b"\n7,"), "line 7 of the file is not in quarantine"),
        (lambda csv: csv + b"k1,yes,2,,,\n", "does not begin with a line and reasons"),
        (lambda csv: csv.replace(b"maybe", b"m\xffybe"), "no text of UTF-8"),
    ],
)
def test_a_csv_that_is_not_as_exported_is_refused_and_nothing_sent(loop: Loop, spoil: object, said: str) -> None:
    loop.drop("a.csv", tiny_csv(*ROWS, BAD[0]))
    csv = loop.files.export(loop.files.find("a.csv"))

    with pytest.raises(RefusedDataError, match=said):
        loop.files.mend(spoil(csv))  # type: ignore[operator]

    assert not any(file.mend_waits for file in loop.files.all())


def test_rows_of_json_lines_go_out_and_come_back_as_json(loop: Loop) -> None:
    good = [f'{{"id": "k{n}", "y": "yes", "f": 1}}' for n in range(3)]
    loop.drop("a.jsonl", "\n".join([*good, '{"id": "bad", "y": "maybe", "f": 1}', ""]).encode())

    loop.mend(loop.files.export(loop.files.find("a.jsonl")).replace(b"maybe", b"no"))

    assert loop.keys == ["bad", "k0", "k1", "k2"]


def test_a_file_without_a_header_in_another_dialect_is_mended(environment: Environment) -> None:
    loop = Loop(environment, tiny(name=DATASET, file={"header": False, "delimiter": ";", "encoding": "utf-16"}))
    loop.drop("a.csv", "k1;yes;1;;;\nbäd;maybe;1;;;\n".encode("utf-16"))
    csv = loop.files.export(loop.files.find("a.csv"))

    loop.mend(csv.decode("utf-16").replace("maybe", "no").encode("utf-16"))

    assert loop.keys == ["bäd", "k1"]


def test_the_commands_lead_from_list_to_mend(
    loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    loop.drop("a.csv", tiny_csv(*ROWS, "bad\x1b[31m,maybe,1,,,"))

    quarantine.list_files()
    quarantine.show_rows(DATASET, "a.csv")
    quarantine.export(DATASET, "a.csv")
    csv = Path("a.csv.rejected.csv")
    csv.write_bytes(csv.read_bytes().replace(b"bad\x1b[31m,maybe", b"bad,yes"))
    quarantine.mend(DATASET, csv)

    said = capsys.readouterr().out
    assert "1 row of 1 file in quarantine" in said
    assert "line 22" in said
    assert "\x1b" not in said
    assert "1 mended row of s3://" in said


def test_a_file_without_rows_in_quarantine_is_told_from_one_that_is_not_there(loop: Loop) -> None:
    loop.drop("a.csv", tiny_csv(*ROWS))

    with pytest.raises(MistakenNameError, match=r"a\.csv has no rows in quarantine"):
        loop.files.find("a.csv")
    with pytest.raises(MistakenNameError, match=r"b\.csv is not at s3://"):
        loop.files.find("b.csv")


DIALECTS = (
    FileFormat(),
    FileFormat(delimiter=";", quotechar="'"),
    FileFormat(delimiter="whitespace", quotechar=False),
    FileFormat(delimiter="::", escapechar="\\"),
)


@example([b"x::\\", b"y::\\\\", b""], "", DIALECTS[-1])
@given(
    st.lists(st.binary(max_size=20).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b"")), max_size=5),
    st.text(max_size=10),
    st.sampled_from(DIALECTS),
)
def test_every_rejected_line_comes_back_from_the_csv_as_it_went_out(
    raws: list[bytes], value: str, file: FileFormat
) -> None:
    written = RejectedCsv("0123abcd", file, ["a", "b"])
    rows = [Rejected(n, n, raw, (Reason("a", "type: integer", value),)) for n, raw in enumerate(raws, start=2)]

    read = list(written.read(written.write(rows)))

    assert [line for line, _ in read] == [row.line for row in rows]
    if file.delimiter != "whitespace":
        assert [row for _, row in read] == [closed(raw) if file.escapechar else raw for raw in raws]


def closed(raw: bytes) -> bytes:
    """Whose escape at the end would take the line end for a part of the row."""
    return raw + b"\\" * ((len(raw) - len(raw.rstrip(b"\\"))) % 2)
