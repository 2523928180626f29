"""Enough new data starts one job on exactly one commit."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import regex

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.errors import AskWaitsError, PermanentError, QuotaExceededError, TransientError, UnknownDatasetError
from lakeloop.lake.layout import features_folder
from lakeloop.messages import DataCommitted, Message, TrainingAsked, subject
from lakeloop.reports import StepReport, now
from lakeloop.training.service import TrainingService
from lakeloop.training.tuning_job import search_digest
from tests.cases import OPS
from tests.data import tiny, tiny_csv
from tests.fakes import (
    Crash,
    LakeFooters,
    LakeLabels,
    MemoryContracts,
    MemoryLeases,
    MemoryReadings,
    MemoryTuner,
    message,
    notification,
)
from tests.metrics import counted
from tests.unit.lakeloop.tuning_runs import MIDNIGHT, run
from tests.world import ROWS, World

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::000000000000:role/r"
TINY_TRAINING = tiny().training.model_dump(mode="json")
KEY = "arn:aws:kms:us-east-1:000000000000:key/k"


def test_each_channel_reads_the_split_of_its_name(world: World) -> None:
    tuner = MemoryTuner()

    service(world, tuner).handle(woken(world))

    [request] = tuner.requests
    definition: Any = request["TrainingJobDefinition"]
    for channel in definition["InputDataConfig"]:
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        head, *keys = json.loads(world.artifacts.objects[uri.removeprefix("s3://artifacts/")])
        split = world.lake.objects(
            "lakeloop-test-tiny", "main", features_folder(recipe_digest(tiny()), channel["ChannelName"])
        )
        assert {head["prefix"] + key for key in keys} == {entry.physical_address for entry in split} != set()


def service(
    world: World,
    tuner: MemoryTuner,
    crash: Crash | None = None,
    leases: MemoryLeases | None = None,
    contract: DatasetContract | None = None,
) -> TrainingService:
    leases = leases or MemoryLeases()
    world.artifacts.crash = tuner.crash = world.lake.crash = world.reports.crash = leases.crash = crash or Crash()
    return TrainingService(
        contracts=MemoryContracts(contract or world.contract),
        lake=world.lake,
        artifacts=world.artifacts,
        tuner=tuner,
        leases=leases,
        labels=LakeLabels(world.lake),
        footers=LakeFooters(world.lake),
        remaker=world.remaker,
        readings=MemoryReadings(),
        waker=world.waker,
        reports=world.reports,
        name_prefix="lakeloop-test",
        image=IMAGE,
        role_arn=ROLE,
        kms_key_arn=KEY,
    )


@pytest.fixture
def world() -> World:
    """Main with two commits of ten rows."""
    world = World()
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS[:10]))])
    world.service.handle([world.drop("b.csv", tiny_csv(*ROWS[10:]))])
    return world


def woken(world: World, index: int = -1) -> Message:
    return message(world.publisher.published[index].model_dump_json())


def test_a_job_is_pinned_to_the_head_of_main_whichever_message_woke_it(world: World) -> None:
    tuner = MemoryTuner()

    service(world, tuner).handle(woken(world, index=0))

    [tags] = tuner.started.values()
    assert tags[names.COMMIT_TAG] == world.lake.head("")
    manifests = {key: json.loads(body) for key, body in world.artifacts.objects.items() if "manifests" in key}
    assert set(manifests) == {
        f"manifests/tiny/{world.lake.head('')}/{split}.manifest" for split in ("train", "validation")
    }


def test_two_messages_start_one_job(world: World) -> None:
    tuner = MemoryTuner(status="InProgress")
    training = service(world, tuner)

    training.handle(woken(world, 0))
    training.handle(woken(world, 1))
    training.handle(woken(world, 1))

    assert len(tuner.started) == 1


def job_ended(name: str, status: str = "Completed") -> Message:
    return message(
        {
            "detail-type": "SageMaker HyperParameter Tuning Job State Change",
            "detail": {"HyperParameterTuningJobName": name, "HyperParameterTuningJobStatus": status},
        }
    )


def test_data_that_came_while_a_job_ran_is_trained_when_it_ends(world: World) -> None:
    tuner = MemoryTuner(status="InProgress", models=0)
    training = service(world, tuner)
    training.handle(woken(world))
    [first], before = tuner.started, world.lake.head("")
    world.service.handle([world.drop("c.csv", tiny_csv(*(row.replace("k", "m") for row in ROWS)))])
    training.handle(woken(world))
    assert list(tuner.started) == [first]

    tuner.jobs[first] = replace(tuner.jobs[first], status="Completed", models=2)
    training.handle(job_ended(first))

    assert [tags[names.COMMIT_TAG] for tags in tuner.started.values()] == [before, world.lake.head("")]


def test_the_end_of_somebody_elses_job_is_nothing(world: World) -> None:
    tuner = MemoryTuner()

    service(world, tuner).handle(job_ended("lakeloop-test-of-another-project"))

    assert not tuner.started
    assert not world.reports.reports


def test_a_failed_job_is_tried_again_under_another_name_after_its_pause(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuner = MemoryTuner(status="Failed", models=0)
    training = service(world, tuner)
    training.handle(woken(world))
    [first] = tuner.started

    monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=9))
    with pytest.raises(TransientError, match="attempt 2 of 3 follows after"):
        training.handle(job_ended(first, "Failed"))
    report = world.reports.reports["tiny", "start_tuning"]
    assert (report.good, report.job) == (False, first)
    assert f"Its reason: reason of {first}" in report.why

    monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=11))
    training.handle(job_ended(first, "Failed"))
    _, second = tuner.started
    assert second != first
    assert [tuner.started[job][names.COMMIT_TAG] for job in (first, second)] == [world.lake.head("")] * 2


@pytest.mark.parametrize(
    ("minutes", "judged", "lost"),
    [
        (59, "", False),
        (60, "", True),
        (61, "an-older-job", True),
        (61, "of-an-older-job", True),
        (61, "the job", False),
    ],
)
def test_a_model_that_evaluate_model_never_heard_of_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, minutes: int, judged: str, lost: bool
) -> None:
    tuner = MemoryTuner(ended=MIDNIGHT + timedelta(hours=2))
    training = service(world, tuner)
    training.handle(woken(world))
    [job] = tuner.started
    if judged:
        said = job if judged == "the job" else judged
        world.reports.put(StepReport(dataset="tiny", step="evaluate_model", good=True, why="Approved", job=said))
    monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=minutes))

    training.handle(woken(world))

    report = world.reports.reports["tiny", "start_tuning"]
    assert report.good != lost
    assert (f"never heard that {job} ended, so its model is judged by nobody" in report.why) == lost
    assert counted().get("ModelNotDeployed") == (1 if lost else None)


def test_the_model_keeps_the_contract_it_is_trained_with(world: World) -> None:
    tuner = MemoryTuner()

    service(world, tuner).handle(woken(world))

    [tags] = tuner.started.values()
    kept = world.artifacts.objects[names.model_contract_key(tags[names.CONTRACT_TAG])]
    assert DatasetContract.model_validate_json(kept) == world.contract
    assert hashlib.sha256(kept).hexdigest() == tags[names.CONTRACT_TAG]


def test_a_job_that_sagemaker_does_not_list_yet_is_known_by_the_note_on_the_lease(world: World) -> None:
    tuner = MemoryTuner(status="InProgress", models=0)
    leases = MemoryLeases()
    training = service(world, tuner, leases=leases)
    training.handle(woken(world))
    tuner.unlisted = set(tuner.started)
    world.service.handle([world.drop("c.csv", tiny_csv(*(row.replace("k", "m") for row in ROWS)))])

    training.handle(woken(world))

    assert len(tuner.started) == 1


@pytest.mark.parametrize(("seconds", "starts"), [(-1, True), (1, False)])
@pytest.mark.parametrize("name", ["noted", "a-job-that-was-noted"])
def test_a_noted_job_counts_only_where_it_is_newer_than_those_that_are_listed(
    world: World, name: str, seconds: int, starts: bool
) -> None:
    listed = run("listed", commit="c0")
    noted = replace(run(name, status="InProgress"), created=listed.created + timedelta(seconds=seconds))
    tuner = MemoryTuner(jobs={"listed": listed, name: noted}, unlisted={name})

    service(world, tuner, leases=MemoryLeases(noted={"tiny": name})).handle(woken(world))

    assert bool(tuner.started) == starts


def test_only_the_holder_of_the_lease_starts(world: World) -> None:
    tuner = MemoryTuner()
    leases = MemoryLeases(held={"tiny"})

    with pytest.raises(TransientError, match="another start_tuning is deciding on tiny"):
        service(world, tuner, leases=leases).handle(woken(world))
    assert not tuner.started

    leases.expire()
    service(world, tuner, leases=leases).handle(woken(world))
    assert len(tuner.started) == 1
    assert not leases.held


def test_an_error_gives_the_lease_back_at_once(world: World) -> None:
    tuner, leases = MemoryTuner(), MemoryLeases()
    training = service(world, tuner, leases=leases)
    tuner.start = lambda *_: (_ for _ in ()).throw(TransientError("quota"))  # type: ignore[method-assign]

    with pytest.raises(TransientError, match="quota"):
        training.handle(woken(world))

    assert not leases.held
    report = world.reports.reports["tiny", "start_tuning"]
    assert (report.good, report.why, report.commit) == (False, "quota", world.lake.head(""))


def test_a_lease_that_is_lost_after_the_start_changes_nothing(world: World) -> None:
    tuner, leases = MemoryTuner(), MemoryLeases(lost=True)

    service(world, tuner, leases=leases).handle(woken(world))

    assert len(tuner.started) == 1
    assert world.reports.reports["tiny", "start_tuning"].good


def test_a_commit_without_rows_to_validate_on_waits_and_says_so() -> None:
    few = World()
    few.service.handle([few.drop("a.csv", tiny_csv(*(f"k{n},{'no' if n else 'yes'},1,,," for n in range(3))))])
    tuner = MemoryTuner()

    service(few, tuner).handle(woken(few))

    assert not tuner.started
    assert few.reports.reports["tiny", "start_tuning"].why == "no rows in validation yet: more data is needed"


def test_a_message_about_an_unknown_dataset_is_refused(world: World) -> None:
    other = DataCommitted(dataset="other", repository="r", commit="c", rows_committed=1, correlation_id="x")

    with pytest.raises(UnknownDatasetError):
        service(world, MemoryTuner()).handle(message(other.model_dump_json()))


def test_a_message_of_another_kind_is_malformed(world: World) -> None:
    with pytest.raises(PermanentError, match="not a DataCommitted message"):
        service(world, MemoryTuner()).handle(message(notification("incoming/tiny/a.csv")))


def test_a_dataset_without_a_problem_is_versioned_only(world: World) -> None:
    tuner = MemoryTuner()
    unlearned = tiny(problem=None, label=None, positive_class=None)

    service(world, tuner, contract=unlearned).handle(woken(world))

    assert tuner.requests == []


def told(reason: str = "person", **said: object) -> Message:
    return message(TrainingAsked.model_validate({"reason": reason, "dataset": "tiny", **said}).model_dump_json())


def asked(world: World, commit: str = "", **said: object) -> Message:
    where = {"repository": "lakeloop-test-tiny", "commit": commit or world.lake.head("")}
    given: dict[str, object] = {"id": "ask-1", "who": "arn:aws:iam::1:user/ada", "why": "new features", **where, **said}
    return told("person", **given)


def test_same_commit_other_reason_a_person_is_given_one_job_of_another_name(world: World) -> None:
    """plan/same-commit-other-reason: told twice, still one."""
    tuner = MemoryTuner()
    training = service(world, tuner)
    training.handle(woken(world))
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
    training = service(world, tuner)
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
    training = service(world, tuner)
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
    training = service(world, tuner, contract=tiny(**{**world.contract.model_dump(mode="json"), "columns": columns}))

    with pytest.raises(AskWaitsError, match="2 of 2 files have no features of recipe"):
        training.handle(told("person", repository="lakeloop-test-tiny", id="ask-1"))
    assert len(world.remaker.published) == 1
    training.handle(asked(world, id="ask-2"))

    assert len(world.remaker.published) == 1
    assert not tuner.started
    assert world.reports.reports["tiny", "start_tuning"].why.endswith("nothing is added: ask for the head of main")


def test_an_ask_while_a_job_runs_stays_in_the_queue(world: World) -> None:
    tuner = MemoryTuner(status="InProgress", models=0)
    training = service(world, tuner)
    training.handle(woken(world))

    with pytest.raises(AskWaitsError, match="is still running: another job waits for its end"):
        training.handle(asked(world))

    assert len(tuner.started) == 1


def test_the_job_says_why_in_a_tag_and_the_report_too(world: World) -> None:
    tuner = MemoryTuner()

    service(world, tuner).handle(woken(world))

    [(job, tags)] = tuner.started.items()
    assert (tags[names.REASON_TAG], tags[names.WHY_TAG]) == ("data", "20 new rows at least 3 needed")
    assert world.reports.reports["tiny", "start_tuning"].why == f"{job} started: 20 new rows, at least 3 needed"


def test_the_commit_of_a_job_is_kept_by_a_branch_before_it_begins(world: World) -> None:
    tuner = MemoryTuner()
    kept = []
    start = tuner.start
    tuner.start = lambda *given: kept.append(dict(world.lake.branch_commits)) or start(*given)  # type: ignore[method-assign, func-returns-value]

    service(world, tuner).handle(woken(world))

    [job] = tuner.started
    assert kept[0][names.keep_branch(job)].id == world.lake.head("")


def test_the_clock_wakes_each_dataset_by_a_message_of_its_own(world: World) -> None:
    tuner = MemoryTuner()
    training = service(world, tuner)

    training.handle(told("schedule", dataset=""))

    assert not tuner.started
    [message_] = world.waker.published
    assert (message_.reason, message_.dataset) == ("schedule", "tiny")
    assert subject(message_.model_dump_json()) == "lakefs://lakeloop-test-tiny/main"
    training.handle(message(message_.model_dump_json()))
    [tags] = tuner.started.values()
    assert tags[names.REASON_TAG] == "schedule"


def test_files_that_an_earlier_contract_read_are_waited_for_and_a_person_goes_on_without(world: World) -> None:
    tuner = MemoryTuner()
    columns = world.contract.model_dump(mode="json")["columns"]
    columns[2]["max"] = 20
    training = service(world, tuner, contract=tiny(columns=columns))

    training.handle(woken(world))

    assert not tuner.started
    why = world.reports.reports["tiny", "start_tuning"].why
    assert why.startswith("2 of 2 files are on main as an earlier contract read them: run `lakeloop replay tiny`")
    training.handle(asked(world))
    assert len(tuner.started) == 1


def test_quota_at_job_time_waits_in_the_queue_and_then_in_the_dead_letter_queue(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = json.loads((OPS / "quota-at-job-time" / "describe.json").read_text())
    tuner = MemoryTuner(status=case["HyperParameterTuningJobStatus"], models=0)
    tuner.failure = lambda _: case["FailureReason"]  # type: ignore[method-assign, assignment]
    training = service(world, tuner)
    training.handle(woken(world))

    def at(minutes: int) -> None:
        monkeypatch.setattr("lakeloop.training.service.now", lambda: tuner.ended + timedelta(minutes=minutes))

    limit = "'ml.m5.large for spot training job usage' is 0 Instances"
    for minutes in (1, 5):
        at(minutes)
        with pytest.raises(TransientError, match=limit):
            training.handle(job_ended([*tuner.started][-1], "Failed"))
    for minutes in (11, 31):
        at(minutes)
        training.handle(job_ended([*tuner.started][-1], "Failed"))
    assert len(tuner.started) == 3
    with pytest.raises(QuotaExceededError, match=limit):
        training.handle(job_ended([*tuner.started][-1], "Failed"))

    at(60)
    training.handle(job_ended([*tuner.started][-1], "Failed"))

    assert len({*tuner.started}) == 4, "whoever sends it again may have raised the quota"
    assert {tags[names.COMMIT_TAG] for tags in tuner.started.values()} == {world.lake.head("")}


def test_what_is_due_after_hours_is_left_to_the_clock(world: World) -> None:
    contract = tiny(**{**world.contract.model_dump(mode="json"), "retrain": {"min_new_rows": 3, "cool_down": "3h"}})
    ended = now() - timedelta(minutes=1)
    tuner = MemoryTuner(jobs={"job": replace(run("job", commit="gone"), ended=ended)})

    service(world, tuner, contract=contract).handle(woken(world))

    assert not tuner.started
    assert "job ended just now: the next job follows after" in world.reports.reports["tiny", "start_tuning"].why


def test_data_that_fits_on_no_volume_starts_nothing_and_somebody_should_look(world: World) -> None:
    contract = tiny(**{**world.contract.model_dump(mode="json"), "training": {**TINY_TRAINING, "volume_gb": 1}})
    sizes = world.lake.objects
    world.lake.objects = lambda *where: (replace(found, size_bytes=2**30) for found in sizes(*where))  # type: ignore[method-assign]
    tuner = MemoryTuner()

    service(world, tuner, contract=contract).handle(woken(world))

    assert not tuner.started
    report = world.reports.reports["tiny", "start_tuning"]
    assert not report.good
    assert "of data do not fit on training.volume_gb: 1" in report.why


def test_a_search_learns_from_the_last_one_where_the_contract_says_so_and_sagemaker_lets_it(world: World) -> None:
    contract = tiny(**{**world.contract.model_dump(mode="json"), "training": {**TINY_TRAINING, "warm_start": True}})
    parents = []
    for tags in ({names.SEARCH_TAG: search_digest(contract)}, {names.SEARCH_TAG: "another"}, {}):
        tuner = MemoryTuner(jobs={"job": replace(run("job", commit="gone"), tags=tags)})
        service(world, tuner, contract=contract).handle(woken(world))
        parents.append(tuner.requests[0].get("WarmStartConfig"))

    parent = {"HyperParameterTuningJobName": "job"}
    assert parents == [
        {"ParentHyperParameterTuningJobs": [parent], "WarmStartType": "TransferLearning"},
        None,
        None,
    ]


def test_the_age_of_the_model_is_told_for_its_alarm(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    contract = tiny(**{**world.contract.model_dump(mode="json"), "retrain": {"max_age": "30d"}})
    tuner = MemoryTuner(jobs={"job": replace(run("job", commit="gone"), ended=now() - timedelta(days=2))})

    service(world, tuner, contract=contract).handle(told("schedule"))

    [age] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ModelAge" in line]
    assert age["dataset"] == "tiny"
    assert age["ModelAge"][0] == pytest.approx(2 * 86400, abs=60)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("job gave no model: `a`, 'b' (c)", "job gave no model: a b c"),
        ("größer = 1+1 @x/y_z-0.5:", "größer = 1+1 @x/y_z-0.5:"),
        ("x" * 300, "x" * 256),
        (f"{'x' * 255} y", "x" * 255),
        ("\n\t", ""),
    ],
)
def test_a_sentence_becomes_a_value_that_aws_takes_for_a_tag(text: str, value: str) -> None:
    assert names.tag_value(text) == value
    assert regex.fullmatch(r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", value)
