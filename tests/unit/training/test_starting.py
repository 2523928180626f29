"""What a job is pinned to, and what it is not started without."""

import hashlib
import json
from dataclasses import replace
from typing import Any

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.lake.layout import features_folder
from lakeloop.training.tuning_job import search_digest
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryTuner
from tests.unit.training.messages import asked
from tests.unit.training.runs import run
from tests.world import World

TINY_TRAINING = tiny().training.model_dump(mode="json")


def test_each_channel_reads_the_split_of_its_name(world: World) -> None:
    tuner = MemoryTuner()

    world.training(tuner).handle(world.told())

    [request] = tuner.requests
    definition: Any = request["TrainingJobDefinition"]
    for channel in definition["InputDataConfig"]:
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        head, *keys = json.loads(world.artifacts.objects[uri.removeprefix("s3://artifacts/")])
        split = world.lake.objects(
            "lakeloop-test-tiny", "main", features_folder(recipe_digest(tiny()), channel["ChannelName"])
        )
        assert {head["prefix"] + key for key in keys} == {entry.physical_address for entry in split} != set()


def test_a_job_is_pinned_to_the_head_of_main_whichever_message_woke_it(world: World) -> None:
    tuner = MemoryTuner()

    world.training(tuner).handle(world.told(0))

    [tags] = tuner.started.values()
    assert tags[names.COMMIT_TAG] == world.lake.head("")
    manifests = {key: json.loads(body) for key, body in world.artifacts.objects.items() if "manifests" in key}
    assert set(manifests) == {
        f"manifests/tiny/{world.lake.head('')}/{split}.manifest" for split in ("train", "validation")
    }


def test_the_model_keeps_the_contract_it_is_trained_with(world: World) -> None:
    tuner = MemoryTuner()

    world.training(tuner).handle(world.told())

    [tags] = tuner.started.values()
    kept = world.artifacts.objects[names.model_contract_key(tags[names.CONTRACT_TAG])]
    assert DatasetContract.model_validate_json(kept) == world.contract
    assert hashlib.sha256(kept).hexdigest() == tags[names.CONTRACT_TAG]


def test_the_commit_of_a_job_is_kept_by_a_branch_before_it_begins(world: World) -> None:
    tuner = MemoryTuner()
    kept = []
    start = tuner.start
    tuner.start = lambda *given: kept.append(dict(world.lake.branch_commits)) or start(*given)  # type: ignore[method-assign, func-returns-value]

    world.training(tuner).handle(world.told())

    [job] = tuner.started
    assert kept[0][names.keep_branch(job)].id == world.lake.head("")


def test_the_job_says_why_in_a_tag_and_the_report_too(world: World) -> None:
    tuner = MemoryTuner()

    world.training(tuner).handle(world.told())

    [(job, tags)] = tuner.started.items()
    assert (tags[names.REASON_TAG], tags[names.WHY_TAG]) == ("data", "20 new rows at least 3 needed")
    assert world.reports.reports["tiny", "start_tuning"].why == f"{job} started: 20 new rows, at least 3 needed"


def test_a_commit_without_rows_to_validate_on_waits_and_says_so() -> None:
    few = World()
    few.service.handle([few.drop("a.csv", tiny_csv(*(f"k{n},{'no' if n else 'yes'},1,,," for n in range(3))))])
    tuner = MemoryTuner()

    few.training(tuner).handle(few.told())

    assert not tuner.started
    assert few.reports.reports["tiny", "start_tuning"].why == "no rows in validation yet: more data is needed"


def test_data_that_fits_on_no_volume_starts_nothing_and_somebody_should_look(world: World) -> None:
    contract = tiny(**{**world.contract.model_dump(mode="json"), "training": {**TINY_TRAINING, "volume_gb": 1}})
    sizes = world.lake.objects
    world.lake.objects = lambda *where: (replace(found, size_bytes=2**30) for found in sizes(*where))  # type: ignore[method-assign]
    tuner = MemoryTuner()

    world.training(tuner, contract).handle(world.told())

    assert not tuner.started
    report = world.reports.reports["tiny", "start_tuning"]
    assert not report.good
    assert "of data do not fit on training.volume_gb: 1" in report.why


def test_files_that_an_earlier_contract_read_are_waited_for_and_a_person_goes_on_without(world: World) -> None:
    tuner = MemoryTuner()
    columns = world.contract.model_dump(mode="json")["columns"]
    columns[2]["max"] = 20
    training = world.training(tuner, tiny(columns=columns))

    training.handle(world.told())

    assert not tuner.started
    why = world.reports.reports["tiny", "start_tuning"].why
    assert why.startswith("2 of 2 files are on main as an earlier contract read them: run `lakeloop replay tiny`")
    training.handle(asked(world))
    assert len(tuner.started) == 1


def test_a_search_learns_from_the_last_one_where_the_contract_says_so_and_sagemaker_lets_it(world: World) -> None:
    contract = tiny(**{**world.contract.model_dump(mode="json"), "training": {**TINY_TRAINING, "warm_start": True}})
    parents = []
    for tags in ({names.SEARCH_TAG: search_digest(contract)}, {names.SEARCH_TAG: "another"}, {}):
        tuner = MemoryTuner(jobs={"job": replace(run("job", commit="gone"), tags=tags)})
        world.training(tuner, contract).handle(world.told())
        parents.append(tuner.requests[0].get("WarmStartConfig"))

    parent = {"HyperParameterTuningJobName": "job"}
    assert parents == [
        {"ParentHyperParameterTuningJobs": [parent], "WarmStartType": "TransferLearning"},
        None,
        None,
    ]
