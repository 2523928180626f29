"""What an operator does, with the rights that infra/ gives: mend rows, redrive letters, replay and reconcile files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeloop.cli.demo.data import DATASET, prepare
from lakeloop.client.dataset import Dataset
from lakeloop.client.dead_letters import depth
from lakeloop.client.environment import Chain
from lakeloop.client.function_logs import FunctionLog
from lakeloop.client.loop import LoopWatch
from lakeloop.client.quarantined_files import QuarantinedFiles
from lakeloop.client.redrive import Letters, Wanted
from lakeloop.client.replay import RECONCILE, REPLAY, Landing
from lakeloop.ingest.notification import PREFIX
from tests.e2e.conftest import Deployment
from tests.e2e.test_loop import eventually, ignore

FILE, UNREADABLE = "mended.csv", "unreadable.csv"


@pytest.fixture(scope="module")
def dataset(deployment: Deployment) -> Dataset:
    return Dataset(deployment.environment, DATASET)


@pytest.fixture(scope="module")
def dropped(deployment: Deployment, dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of which three rows are in quarantine: a wrong type, one out of range, an unknown category."""
    folder = tmp_path_factory.mktemp("operator")
    file = prepare(dataset.contract, folder).files[0].rename(folder / FILE)
    LoopWatch(deployment.environment, dataset).wait_for_rows(dataset.drop(file), ignore)
    return file


def rows_of(dataset: Dataset, name: str) -> int:
    """The rows that main has of a file."""
    return sum(entry.counts.total for _, entry in dataset.index().entries() if entry.uri.endswith(f"/{name}"))


def is_idle(deployment: Deployment, chain: Chain) -> bool:
    queue = depth(deployment.environment.sqs, chain.queue_url)
    return not queue.waiting and not queue.in_flight


def test_a_mended_row_joins_the_good_ones_of_its_file_and_the_others_stay_aside(
    deployment: Deployment, dataset: Dataset, dropped: Path
) -> None:
    files = QuarantinedFiles(deployment.environment, DATASET)
    before = rows_of(dataset, FILE)
    exported = files.export(files.find(FILE))
    assert exported.count(b"unclear") == 2, "in the reason and in the row"

    front, _, back = exported.rpartition(b"unclear")
    sent = files.mend(front + b"benign" + back)

    assert (sent.sent, sent.stay) == (1, 2)
    eventually("the mended row", lambda: rows_of(dataset, FILE) == before + 1)
    [judged] = [f for f in QuarantinedFiles(deployment.environment, DATASET).all() if f.file.endswith(f"/{FILE}")]
    assert (judged.rows, judged.on_main, judged.mend_waits) == (2, True, False)


def test_a_replay_reads_a_file_again_on_its_own_queue_and_commits_nothing(
    deployment: Deployment, dataset: Dataset, dropped: Path
) -> None:
    chain = deployment.environment.outputs.chains[REPLAY]
    log = FunctionLog(deployment.environment.logs, chain.log_group)
    landing = Landing(deployment.environment, dataset)
    head = dataset.commits()[0]

    files = landing.to_replay(0, f"{PREFIX}{DATASET}/{FILE}")
    assert [*landing.replay(files)] == [1]

    eventually("the function", lambda: any("transformed" in line for line in log.read()))
    eventually("an empty queue", lambda: is_idle(deployment, chain))
    assert dataset.commits()[0] == head
    assert Letters(deployment.environment).chosen(Wanted(chain=REPLAY)) == []


def test_the_landing_bucket_is_compared_with_main_when_asked(
    deployment: Deployment, dataset: Dataset, dropped: Path
) -> None:
    Landing(deployment.environment, dataset).reconcile()

    eventually("its report", lambda: any(report.step == RECONCILE for report in dataset.reports()))
    assert Letters(deployment.environment).chosen(Wanted(chain=RECONCILE)) == []


@pytest.fixture
def letter(deployment: Deployment) -> Iterator[Wanted]:
    """A file that cannot be read has come, and its letter is there."""
    environment = deployment.environment
    wanted = Wanted(object=UNREADABLE)
    key = f"{PREFIX}{DATASET}/{UNREADABLE}"
    environment.s3.put_object(Bucket=environment.outputs.landing_bucket, Key=key, Body=b"\xff\xfe")
    eventually("the letter", lambda: len(Letters(environment).chosen(wanted)) == 1)
    yield wanted
    Letters(environment).purge(wanted, "the test is over", really=True)


def test_a_redriven_letter_comes_back_while_nothing_is_mended_and_goes_once_its_cause_is_gone(
    deployment: Deployment, dataset: Dataset, dropped: Path, letter: Wanted
) -> None:
    letters = Letters(deployment.environment)
    [verdict] = letters.redrive(letter, "try again", really=True, force=False)
    assert verdict.action == "redrive"
    eventually("the letter again", lambda: len(letters.chosen(letter)) == 1)
    assert [done.why for done in letters.history(verdict.letter)] == ["try again"]

    good = dropped.with_name(UNREADABLE)
    good.write_bytes(dropped.read_bytes())
    LoopWatch(deployment.environment, dataset).wait_for_rows(dataset.drop(good), ignore)

    [verdict] = Letters(deployment.environment).redrive(letter, "", really=True, force=False)
    assert verdict.action == "cause gone"
    assert letters.chosen(letter) == []
