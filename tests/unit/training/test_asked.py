"""A person asks for a job: one each, on the commit that was meant, whatever is new."""

import pytest

from lakeloop import names
from lakeloop.errors import AskWaitsError
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryTuner
from tests.unit.training.messages import asked, job_ended, told
from tests.world import World


def test_same_commit_other_reason_a_person_is_given_one_job_of_another_name(world: World) -> None:
    """plan/same-commit-other-reason: told twice, still one."""
    tuner = MemoryTuner()
    training = world.training(tuner)
    training.handle(world.told())
    [first] = tuner.started

    training.handle(asked(world))
    training.handle(asked(world))

    _, second = tuner.started
    tags = tuner.started[second]
    assert second != first
    assert tags[names.COMMIT_TAG] == tuner.started[first][names.COMMIT_TAG]
    assert (tags[names.REASON_TAG], tags[names.ASK_TAG], tags[names.WHO_TAG]) == (
        "person",
        "ask-1",
        "arn:aws:iam::1:user/ada",
    )
    assert names.PINNED_TAG not in tags
    training.handle(asked(world, id="ask-2"))
    assert len(tuner.started) == 3


def test_a_person_may_choose_an_earlier_commit_which_is_pinned(world: World) -> None:
    tuner = MemoryTuner()
    training = world.training(tuner)
    earlier = world.publisher.published[0].commit
    assert earlier != world.lake.head("")

    training.handle(asked(world, earlier))

    [(job, tags)] = tuner.started.items()
    assert (tags[names.COMMIT_TAG], tags[names.PINNED_TAG]) == (earlier, "true")
    assert f"manifests/tiny/{earlier}/train.manifest" in world.artifacts.objects
    assert world.lake.branch_commits[names.keep_branch(job)].id == earlier
    training.handle(job_ended(job))
    assert len(tuner.started) == 2, "main is as untrained as before"


def test_an_ask_for_the_head_is_for_the_head_when_it_starts_and_once(world: World) -> None:
    tuner = MemoryTuner()
    training = world.training(tuner)
    ask = told("person", repository="lakeloop-test-tiny", id="ask-1")
    training.handle(ask)
    world.service.handle([world.drop("c.csv", tiny_csv("m1,yes,1,,,"))])

    training.handle(ask)

    [tags] = tuner.started.values()
    assert names.PINNED_TAG not in tags
    assert world.reports.reports["tiny", "start_tuning"].why.endswith("was started for this already")


def test_an_ask_waits_for_features_that_are_being_made_and_not_for_those_that_never_come(world: World) -> None:
    tuner = MemoryTuner()
    columns = world.contract.model_dump(mode="json")["columns"]
    columns[4]["encode"] = "onehot"
    training = world.training(tuner, tiny(**{**world.contract.model_dump(mode="json"), "columns": columns}))

    with pytest.raises(AskWaitsError, match="2 of 2 files have no features of recipe"):
        training.handle(told("person", repository="lakeloop-test-tiny", id="ask-1"))
    assert len(world.remaker.published) == 1
    training.handle(asked(world, id="ask-2"))

    assert len(world.remaker.published) == 1
    assert not tuner.started
    assert world.reports.reports["tiny", "start_tuning"].why.endswith("nothing is added: ask for the head of main")


def test_an_ask_while_a_job_runs_stays_in_the_queue(world: World) -> None:
    tuner = MemoryTuner(status="InProgress", models=0)
    training = world.training(tuner)
    training.handle(world.told())

    with pytest.raises(AskWaitsError, match="is still running: another job waits for its end"):
        training.handle(asked(world))

    assert len(tuner.started) == 1
