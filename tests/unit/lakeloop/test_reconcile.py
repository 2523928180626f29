"""The landing bucket is compared with main: what is found, what is sent, and that nothing is sent in vain."""

import json
from pathlib import Path

import pytest

from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.landed_files import YOUNG_SECONDS
from lakeloop.ingest.mend_keys import mend_key
from lakeloop.ingest.mending import Mend, MendedRecord
from lakeloop.ingest.notification import LandedObject, landed_objects
from lakeloop.ingest.reconcile import Findings, ReconcileService
from lakeloop.lake.index import Index
from lakeloop.messages import ReconcileLanding
from lakeloop.reports import now
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryAnnouncer, MemoryContracts, MemoryListing, MemoryOutcomes, MemoryPublisher, message
from tests.world import ROWS, World

OPS = Path(__file__).resolve().parents[2] / "cases" / "ops"


class Reconciled(World):
    """A world that is looked at once more by the clock."""

    def __init__(self, **contract: object) -> None:
        super().__init__(tiny(**{"quality": {"max_rejected_fraction": 0.5}, **contract}))
        self.outcomes = MemoryOutcomes(self.artifacts)
        self.announcer = MemoryAnnouncer(self.crash)
        self.asked: MemoryPublisher[ReconcileLanding] = MemoryPublisher(self.crash)
        self.findings = Findings(
            listing=MemoryListing(self.landing),
            lake=self.lake,
            outcomes=self.outcomes,
            name_prefix="lakeloop-test",
        )
        self.reconciler = ReconcileService(
            contracts=MemoryContracts(self.contract),
            findings=self.findings,
            outcomes=self.outcomes,
            announcer=self.announcer,
            publisher=self.asked,
            reports=self.reports,
        )

    def reconcile(self, seconds_left: float = 300, **asked: object) -> str:
        """What the report says; what is sent to the landing chain is handled."""
        body = ReconcileLanding.model_validate({"dataset": "tiny", **asked}).model_dump_json()
        self.reconciler.handle(message(body), lambda: seconds_left)
        sent, self.announcer.told = self.announcer.told, []
        assert self.service.handle([message(told, f"again-{n}") for n, told in enumerate(sent)]) == {}
        report = self.reports.get("tiny", "reconcile_landing")
        return report.why if report else ""

    def rows(self) -> int:
        return sum(
            int(commit.metadata.get("rows_committed", 0)) - int(commit.metadata.get("rows_replaced", 0))
            for commit in self.lake.commits
        )


@pytest.fixture
def world() -> Reconciled:
    return Reconciled()


def test_unannounced_object(world: Reconciled) -> None:
    """A file that landed while the notification was missing is on main after one look, once."""
    assert "unannounced.csv" in (OPS / "unannounced-object" / "try.sh").read_text()
    world.drop("unannounced.csv", tiny_csv(*ROWS))

    assert world.reconcile().startswith("1 file landed and in no commit")
    assert world.rows() == len(ROWS)

    commits = len(world.lake.commits)
    assert world.reconcile() == "main has what the landing bucket has"
    assert len(world.lake.commits) == commits


def test_a_file_whose_event_may_be_on_its_way_is_not_lost(world: Reconciled) -> None:
    world.drop("a.csv", tiny_csv(*ROWS))
    world.landing.landed["incoming/tiny/a.csv"] = now().timestamp() - YOUNG_SECONDS + 60

    world.reconcile()

    assert world.rows() == 0


@pytest.mark.parametrize("name", ["", "_SUCCESS", "._a.csv", ".DS_Store"])
def test_what_tools_leave_beside_files_is_not_lost(world: Reconciled, name: str) -> None:
    world.drop(name, b"")

    assert world.reconcile() == "main has what the landing bucket has"


def test_a_file_that_is_quarantined_whole_is_not_lost(world: Reconciled) -> None:
    world.service.handle([world.drop("bad.csv", tiny_csv("k1,maybe,1,,,"))])

    assert world.reconcile() == "main has what the landing bucket has"


@pytest.mark.parametrize("about", ["{0}", "{0}, s3://landing/incoming/tiny/other.csv?versionId=v1", "{1}"])
def test_a_file_of_which_a_letter_tells_is_not_lost(world: Reconciled, about: str) -> None:
    (landed,) = landed_objects(world.drop("dead.csv", b"\x00"))
    world.outcomes.failures.append(about.format(landed, landed.uri))

    assert world.reconcile() == "main has what the landing bucket has"


def test_mended_rows_that_no_event_told_of_are_found_and_their_file_is_where_it_was(world: Reconciled) -> None:
    dropped = world.drop("a.csv", tiny_csv(*ROWS, "bad,maybe,1,,,"))
    world.service.handle([dropped])
    (landed,) = landed_objects(dropped)
    mend = Mend(records=(MendedRecord(line=len(ROWS) + 2, lines=1, text="k99,yes,1,,,"),))
    world.landing.drop(mend_key(landed), mend.model_dump_json().encode())

    assert world.reconcile().startswith("1 file landed and in no commit")
    assert world.rows() == len(ROWS) + 1
    assert world.reconcile() == "main has what the landing bucket has"


def test_a_letter_of_an_earlier_version_hides_no_later_one(world: Reconciled) -> None:
    (landed,) = landed_objects(world.drop("a.csv", b"\x00"))
    world.outcomes.failures.append(str(landed))
    world.drop("a.csv", tiny_csv(*ROWS))

    world.reconcile()

    assert world.rows() == len(ROWS)


def test_current_version_deleted_comes_back_to_main(world: Reconciled) -> None:
    """A bad upload that is undone in S3, by deleting its version, is undone on main by the next look."""
    event = json.loads((OPS / "current-version-deleted" / "event.json").read_text())
    key = event["Records"][0]["s3"]["object"]["key"].replace("breast_cancer", "tiny")
    for at, rows in ((100, [*ROWS, "bad,maybe,1,,,"]), (200, ROWS[:7])):
        world.landing.landed[key] = at
        world.service.handle([world.drop("ver.csv", tiny_csv(*rows))])
    assert world.rows() == 7

    world.landing.versions[key].pop()
    world.landing.landed[key] = 100

    assert world.reconcile().startswith("1 file another version in S3 than on main")
    assert world.rows() == len(ROWS)
    assert world.reconcile() == "main has what the landing bucket has"


def test_the_same_bytes_dropped_again_are_read_once_more_and_never_again(world: Reconciled) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS))])
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS), "m2")])

    assert world.reconcile() != "main has what the landing bucket has"
    assert world.reconcile() == "main has what the landing bucket has"
    assert world.rows() == len(ROWS)


def test_bucket_with_a_past(world: Reconciled) -> None:
    """What landed before the dataset was made is told of and not taken."""
    assert "before the start" in (OPS / "bucket-with-a-past" / "check.txt").read_text()
    world.lake.made = 1_000
    for number in range(5):
        world.drop(f"{number}.csv", tiny_csv(*ROWS))
    world.drop("new.csv", tiny_csv(*ROWS))
    world.landing.landed["incoming/tiny/new.csv"] = 2_000

    said = world.reconcile()

    assert "5 files landed before the dataset was made: taken by `lakeloop replay` only" in said
    assert world.rows() == len(ROWS)


def test_a_deleted_file_keeps_its_rows_and_the_report_says_so(world: Reconciled) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS))])
    world.landing.delete("incoming/tiny/a.csv")

    assert world.reconcile() == "1 file deleted in S3: rows stay on main"
    assert world.rows() == len(ROWS)


def test_a_deleted_file_takes_its_rows_along_by_contract_and_brings_them_back_when_it_is_restored() -> None:
    world = Reconciled(on_delete="remove")
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS, "bad,maybe,1,,,"))])
    for _ in range(2):
        world.landing.delete("incoming/tiny/a.csv")
        assert world.reconcile() == "1 file deleted in S3: sent to transform_data, which takes out their rows"
        assert Index(world.lake, "tiny", "main").counts().total == 0
        assert world.reconcile() == "main has what the landing bucket has"

        world.landing.restore("incoming/tiny/a.csv")
        assert world.reconcile().startswith("1 file landed and in no commit")
        assert Index(world.lake, "tiny", "main").counts().total == len(ROWS)


def test_an_older_snapshot_is_not_lost() -> None:
    world = Reconciled(delivery="snapshot")
    for number, name in enumerate(("old.csv", "new.csv")):
        dropped = world.drop(name, tiny_csv(*ROWS))
        world.landing.landed[f"incoming/tiny/{name}"] = 10 * number + 10
        world.service.handle([dropped])

    assert world.reconcile() == "main has what the landing bucket has"


def test_work_ends_in_time_and_goes_on_where_it_ended(world: Reconciled) -> None:
    for number in range(5):
        world.drop(f"{number}.csv", tiny_csv(f"k{number},yes,1,,,"))

    said = world.reconcile(seconds_left=10)
    while world.asked.published and not said:
        asked = world.asked.published.pop()
        said = world.reconcile(seconds_left=10, after=asked.after, found=asked.found)

    assert said.startswith("5 files landed and in no commit")
    assert world.rows() == 5


def test_the_clock_asks_for_each_dataset(world: Reconciled) -> None:
    world.reconciler.handle(message('{"version": 1}'), lambda: 300)

    assert [asked.dataset for asked in world.asked.published] == ["tiny"]


@pytest.mark.parametrize("version", ["v1", "null:0a1b"])
def test_an_announcement_is_read_as_the_object_it_tells_of(version: str) -> None:
    landed = LandedObject("landing", "incoming/tiny/a b+ü.csv", version, "tiny", "0A", 1_764_150_000.25)

    (read,) = landed_objects(message(announcement(landed)))

    assert (read, read.sequencer, read.told_at) == (landed, "0A", landed.told_at)
