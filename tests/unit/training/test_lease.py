"""Of deliveries at once one starts a job: whoever holds the lease on the dataset."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lakeloop.errors import TransientError
from tests.data import tiny_csv
from tests.fakes import MemoryLeases, MemoryTuner
from tests.unit.training.runs import run
from tests.world import ROWS, World


def test_a_job_that_sagemaker_does_not_list_yet_is_known_by_the_note_on_the_lease(world: World) -> None:
    tuner = MemoryTuner(status="InProgress", models=0)
    leases = MemoryLeases()
    training = world.training(tuner, leases=leases)
    training.handle(world.told())
    tuner.unlisted = set(tuner.started)
    world.service.handle([world.drop("c.csv", tiny_csv(*(row.replace("k", "m") for row in ROWS)))])

    training.handle(world.told())

    assert len(tuner.started) == 1


@pytest.mark.parametrize(("seconds", "starts"), [(-1, True), (1, False)])
@pytest.mark.parametrize("name", ["noted", "a-job-that-was-noted"])
def test_a_noted_job_counts_only_where_it_is_newer_than_those_that_are_listed(
    world: World, name: str, seconds: int, starts: bool
) -> None:
    listed = run("listed", commit="c0")
    noted = replace(run(name, status="InProgress"), created=listed.created + timedelta(seconds=seconds))
    tuner = MemoryTuner(jobs={"listed": listed, name: noted}, unlisted={name})

    world.training(tuner, leases=MemoryLeases(noted={"tiny": name})).handle(world.told())

    assert bool(tuner.started) == starts


def test_only_the_holder_of_the_lease_starts(world: World) -> None:
    tuner = MemoryTuner()
    leases = MemoryLeases(held={"tiny"})

    with pytest.raises(TransientError, match="another start_tuning is deciding on tiny"):
        world.training(tuner, leases=leases).handle(world.told())
    assert not tuner.started

    leases.expire()
    world.training(tuner, leases=leases).handle(world.told())
    assert len(tuner.started) == 1
    assert not leases.held


def test_an_error_gives_the_lease_back_at_once(world: World) -> None:
    tuner, leases = MemoryTuner(), MemoryLeases()
    training = world.training(tuner, leases=leases)
    tuner.start = lambda *_: (_ for _ in ()).throw(TransientError("quota"))  # type: ignore[method-assign]

    with pytest.raises(TransientError, match="quota"):
        training.handle(world.told())

    assert not leases.held
    report = world.reports.reports["tiny", "start_tuning"]
    assert (report.good, report.why, report.commit) == (False, "quota", world.lake.head(""))


def test_a_lease_that_is_lost_after_the_start_changes_nothing(world: World) -> None:
    tuner, leases = MemoryTuner(), MemoryLeases(lost=True)

    world.training(tuner, leases=leases).handle(world.told())

    assert len(tuner.started) == 1
    assert world.reports.reports["tiny", "start_tuning"].good
