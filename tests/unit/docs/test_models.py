"""The page about models: its commands are the command's own, and those of its blocks run."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace

import pytest
import typer
from typer.testing import CliRunner

from lakeloop.cli.main import Options, app
from lakeloop.client import tracing
from lakeloop.client.environment import Environment
from lakeloop.lake.ports import LakeCommit
from lakeloop.lineage.trace import Endpoint, Records, Tracer
from lakeloop.registry.ports import Approval
from tests.data import ROOT
from tests.unit.client.deployed import ACCOUNT, emulated
from tests.unit.client.registered import GROUP, OURS, Registered, registered, version
from tests.unit.docs.test_runbooks import parsed
from tests.unit.lineage.test_trace import brought, run

TEXT = (ROOT / "docs" / "models.md").read_text()
BLOCKS = [
    [shlex.join(shlex.split(line, comments=True)) for line in block.splitlines()]
    for block in re.findall(r"^```\n(lakeloop .*?)^```", TEXT, re.MULTILINE | re.DOTALL)
]
# What is named by the way, without what it is about.
MENTIONED = {"lakeloop train", "lakeloop replay", "lakeloop approve --force"}
SENTENCES = set(re.findall(r"`(lakeloop [^`]+)`", TEXT)) - MENTIONED
HEAD, JOB = "3" * 64, "lakeloop-test-0123456789ab"
# What the page calls things, and what they are called here.
HERE = {"trips": "breast_cancer", "4be1c0": HEAD[:12], "lakeloop-dev-": "lakeloop-test-"}


def spelled_out(line: str) -> list[str]:
    """Without what may be left out, and with it."""
    return [re.sub(r" \[[^]]*\]", "", line), re.sub(r"[][]", "", line)]


@pytest.mark.parametrize("line", sorted({*SENTENCES, *(line for block in BLOCKS for line in block)}))
def test_a_command_is_taken_as_it_stands_there(line: str) -> None:
    for spelled in spelled_out(line):
        parsed(spelled)


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registered]:
    """Version 3 serves, 2 served before, 4 waits for a person; 3 learned from march.csv."""
    made = registered(monkeypatch)
    made.add(version(2, approval=Approval.REJECTED, why="superseded by version 3"))
    made.serving = made.add(version(3)).arn
    made.add(version(4, approval=Approval.PENDING, why="not enough test rows to tell"))
    file = f"s3://lakeloop-test-landing-{ACCOUNT}/incoming/breast_cancer/march.csv"
    log = [brought(HEAD, "c0", file), LakeCommit("c0", {})]
    made.runs_.append(replace(run(JOB, HEAD), tags=OURS))
    endpoint = Endpoint(GROUP, "InService", made.serving)
    records = Records("breast_cancer", log, made.runs_, [version(3)], endpoint, lambda _: [(file, 2)])
    monkeypatch.setattr(tracing.Tracing, "_tracer", lambda *_: Tracer(records))
    monkeypatch.setattr("lakeloop.client.predicted.predicted", lambda *_: iter(()))
    monkeypatch.setattr(typer, "confirm", lambda _: True)
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        yield made


def ran(line: str) -> None:
    for there, here in HERE.items():
        line = line.replace(there, here)
    name, *arguments = shlex.split(line)
    done = CliRunner().invoke(app, arguments, obj=Options(), prog_name=name)
    assert done.exit_code == 0, f"{line}: {done.output} {done.exception!r}"


def test_the_blocks_are_those_of_data_models_and_traces() -> None:
    assert [block[0].split()[1] for block in BLOCKS] == ["rollback", "models", "trace"]


@pytest.mark.parametrize("line", [line for block in BLOCKS[1:] for line in block])
def test_a_command_about_models_and_traces_runs(line: str, sagemaker: Registered) -> None:
    ran(line)
