"""Rows are new whoever brought them: the loop's commits say how many, those of people are counted."""

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl
import pytest

from lakeloop.contract import Retrain
from lakeloop.errors import ForeignObjectError
from lakeloop.lake.ports import LakeCommit, LakeObject
from lakeloop.training.decision import Decision, Situation, decide
from lakeloop.training.new_rows import MOST_OBJECTS, by_others, counting, new_rows, since
from lakeloop.training.ports import TuningRun
from tests.cases import OPS
from tests.data import tiny, tiny_csv
from tests.fakes import LakeFooters, MemoryLake, MemoryTuner
from tests.world import ROWS, World

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def rows(count: int, of: int = 0) -> bytes:
    body = io.BytesIO()
    pl.DataFrame({"label": [n % 2 for n in range(count)], "x": [of + n for n in range(count)]}).write_parquet(body)
    return body.getvalue()


def run(commit: str, status: str = "Completed", models: int = 1) -> TuningRun:
    return TuningRun(
        name=f"job-{commit}", commit=commit, status=status, created=MIDNIGHT, ended=MIDNIGHT, models=models
    )


def decided(lake: MemoryLake, footers: LakeFooters, needed: int, *runs: TuningRun) -> Decision:
    head = lake.head("r")
    situation = Situation(
        head=head,
        log=lake.log("r", head),
        runs=runs,
        contract="",
        now=datetime(2026, 1, 2, tzinfo=UTC),
        count=counting(lake, footers, "r", head, needed),
        failure=str,
    )
    return decide(Retrain(min_new_rows=needed), situation)


@pytest.fixture
def lake() -> MemoryLake:
    return MemoryLake()


@pytest.fixture
def footers(lake: MemoryLake) -> LakeFooters:
    return LakeFooters(lake)


def test_rows_are_counted_back_to_a_commit_from_what_the_loops_commits_say() -> None:
    log = [LakeCommit(f"c{n}", {"rows_committed": str(n)}) for n in (4, 3, 2, 1)] + [LakeCommit("c0", {})]

    def never(base: str, told: int) -> int:
        raise AssertionError

    assert new_rows(*since(log, "c2"), never) == 7
    assert new_rows(*since(log, ""), never) == 10
    assert since(log, "gone") == (log, "")


def test_merged_by_a_person_counts_and_starts_training(lake: MemoryLake, footers: LakeFooters) -> None:
    """5,000 rows by hand on top of 300 of the loop, which are trained."""
    newest, trained = json.loads((OPS / "merged-by-a-person" / "log.json").read_text())
    by_hand = LakeCommit(newest["id"], newest["metadata"], (trained["id"],))
    ours = LakeCommit(trained["id"], trained["metadata"], ("c0",))
    assert (by_others([by_hand, ours]), ours.rows) == (1, 300)
    old = lake.commit_by_hand({"rows/train/old.parquet": rows(300)})

    lake.commit_by_hand({"rows/train/by-hand.parquet": rows(4000), "rows/validation/by-hand.parquet": rows(1000, of=1)})

    decision = decided(lake, footers, 5000, run(old.id))
    assert (decision.start, decision.why) == (True, "5000 new rows, at least 5000 needed, 1 of their commits by others")
    short = decided(lake, footers, 5001, run(old.id))
    assert (short.start, short.why) == (False, "5000 new rows, 5001 needed, 1 of their commits by others")


def test_rows_of_both_are_counted_together_and_a_first_model_learns_from_all(
    lake: MemoryLake, footers: LakeFooters
) -> None:
    lake.commit_by_hand({"rows/train/a.parquet": rows(200)})
    lake.commit_by_hand({"rows/test/b.parquet": rows(100)})

    assert decided(lake, footers, 300).start
    assert not decided(lake, footers, 301).start


def test_what_a_person_took_back_is_not_new(lake: MemoryLake, footers: LakeFooters) -> None:
    trained = lake.commit_by_hand({"rows/train/a.parquet": rows(50)})
    lake.commit_by_hand({"rows/train/a.parquet": None, "rows/train/b.parquet": rows(70)})
    lake.commit_by_hand({"rows/train/a.parquet": rows(50), "rows/train/b.parquet": None, "README.md": b"by hand"})

    assert decided(lake, footers, 1, run(trained.id)).why == "0 new rows, 1 needed, 2 of their commits by others"


def test_rows_by_hand_begin_anew_after_jobs_that_failed(lake: MemoryLake, footers: LakeFooters) -> None:
    failing = lake.commit_by_hand({"rows/train/a.parquet": rows(50)})
    jobs = [run(failing.id, "Failed", 0)] * 3
    lake.commit_by_hand({"rows/train/b.parquet": rows(49, of=1)})
    assert not decided(lake, footers, 50, *jobs).start

    lake.commit_by_hand({"rows/train/c.parquet": rows(1)})

    assert decided(lake, footers, 50, *jobs).start


def test_counting_ends_with_the_largest_objects_that_are_enough(lake: MemoryLake, footers: LakeFooters) -> None:
    lake.commit_by_hand({f"rows/train/{n}.parquet": rows(n) for n in (1, 500, 2)})

    assert decided(lake, footers, 500).start
    assert footers.read == ["rows/train/500.parquet"]


@dataclass
class Countless:
    """A lake of more objects than are read, of one row each."""

    objects_read: list[LakeObject] = field(default_factory=list)

    def objects(self, _repository: str, _ref: str, prefix: str) -> list[LakeObject]:
        if not prefix.startswith("rows/"):
            return []
        return [LakeObject(f"{prefix}{n}.parquet", f"s3://lake/{prefix}{n}", 1) for n in range(MOST_OBJECTS)]

    def read(self, *_: str) -> None:
        """There is no index."""

    def rows(self, entry: LakeObject) -> int:
        self.objects_read.append(entry)
        return 1


@pytest.mark.parametrize(("told", "counted"), [(0, MOST_OBJECTS), (100_000, 100_000)])
def test_reads_are_bounded_and_what_commits_say_is_not_forgotten(told: int, counted: int) -> None:
    many = Countless()

    assert counting(many, many, "r", "head", float("inf"))("", told) == counted  # type: ignore[arg-type]
    assert len(many.objects_read) == MOST_OBJECTS


def test_imported_objects_wait_with_a_reason_that_names_object_and_bucket_and_no_job_is_started() -> None:
    world, tuner = World(), MemoryTuner()
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS))])
    world.lake.commit_by_hand({"rows/train/by-hand.parquet": rows(1)})
    lying = json.loads((OPS / "imported-objects" / "objects.json").read_text())[1]
    said = f"{lying['path']} lies in {lying['physical_address']}, outside the lake: copy it in"

    def objects(*_: str) -> list[LakeObject]:
        raise ForeignObjectError(said)

    world.lake.objects = objects  # type: ignore[method-assign, assignment]

    with pytest.raises(ForeignObjectError):
        world.training(tuner).handle(world.told())

    assert not tuner.started
    report = world.reports.reports["tiny", "start_tuning"]
    assert (report.good, report.why, report.commit) == (False, said, world.lake.head(""))


SPARSE = [
    {"name": "id", "type": "string"},
    {"name": "y", "type": "category", "allowed": ["yes", "no"], "nullable": True},
    {"name": "f", "type": "float"},
]


@pytest.mark.parametrize(("delivery", "later"), [("append", 4), ("upsert", 7)])
def test_only_rows_with_a_label_are_new_and_a_label_may_come_later(delivery: str, later: int) -> None:
    """Under upsert the second file says of three rows of the first what they were."""
    world = World(tiny(columns=SPARSE, delivery=delivery))
    world.service.handle([world.drop("a.csv", sparse(*(f"k{n},{'yes' if n < 5 else ''},{n}" for n in range(20))))])
    first = world.lake.head("")
    more = [f"m{n},{'no' if n < 4 else ''},{n}" for n in range(30)]
    late = [f"k{n},no,{n}" for n in range(10, 13)] if delivery == "upsert" else []
    world.service.handle([world.drop("b.csv", sparse(*more, *late))])
    head = world.lake.head("")
    count = counting(world.lake, LakeFooters(world.lake), "r", head, 10**6, with_labels=True)

    newer, base = since(world.lake.log("r", head), first)

    assert new_rows(newer, base, count, always=True) == later
    assert new_rows(list(world.lake.log("r", head)), "", count, always=True) == 5 + later


def sparse(*rows: str) -> bytes:
    return tiny_csv(*rows, header="id,y,f")
