"""The loop on the local cloud: a dropped file becomes a served prediction, once."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import urllib3
from sklearn.metrics import roc_auc_score

from lakeloop import names
from lakeloop.cli.demo.data import DATASET, DemoData, prepare
from lakeloop.client.asking import ask_for_training
from lakeloop.client.dataset import Dataset
from lakeloop.client.dead_letters import depth
from lakeloop.client.feedback import Captured, FeedbackApi
from lakeloop.client.follow import Drop, Ingested
from lakeloop.client.loop import LoopWatch
from lakeloop.client.predictions import PredictionApi, features_of_row
from lakeloop.client.table import Table
from lakeloop.client.tracing import Tracing
from lakeloop.messages import JoinFeedback, LoopMessage, TrainingAsked
from lakeloop.training.ports import TuningRun
from tests.data import ROOT
from tests.e2e.conftest import Deployment

POLL_SECONDS = 0.5
DEADLINE_SECONDS = 120.0


def ignore(_text: str) -> None:
    pass


def eventually(what: str, look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not look():
        assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS:g} s for {what}"
        time.sleep(POLL_SECONDS)


@dataclass(frozen=True)
class Followed:
    """What became of the demo's two files."""

    data: DemoData
    drops: list[Drop]
    ingested: list[Ingested]
    tuning: TuningRun
    trials: int


@pytest.fixture(scope="module")
def dataset(deployment: Deployment) -> Dataset:
    return Dataset(deployment.environment, DATASET)


@pytest.fixture(scope="module")
def followed(deployment: Deployment, dataset: Dataset, drops: Path) -> Followed:
    data = prepare(dataset.contract, drops)
    watch = LoopWatch(deployment.environment, dataset)
    dropped = [dataset.drop(file) for file in data.files]
    ingested = [watch.wait_for_rows(drop, ignore) for drop in dropped]
    tuning = watch.wait_for_tuning(dataset.commits()[0].id, ignore)
    assert isinstance(tuning, TuningRun)
    trials = watch.wait_for_trials(tuning.name, ignore)
    watch.wait_for_endpoint(tuning.name, ignore)
    return Followed(data, dropped, ingested, tuning, len(trials))


def post(deployment: Deployment, body: object, dataset: str = DATASET, key: str | None = None) -> tuple[int, object]:
    """Status and body of one prediction request."""
    environment = deployment.environment
    response = urllib3.request(
        "POST",
        f"{environment.api_base_url}/datasets/{dataset}/predictions",
        headers={"x-api-key": environment.api_key if key is None else key, "content-type": "application/json"},
        body=json.dumps(body),
        # A first request waits for the start of a process, and for others of the machine.
        timeout=30,
    )
    return response.status, response.json()


def some_features(data: DemoData, dataset: Dataset) -> dict[str, object]:
    return dict(features_of_row(dataset.contract, data.held_out[0]))


def test_before_any_data_the_api_says_that_there_is_no_model(
    deployment: Deployment, dataset: Dataset, tmp_path: Path
) -> None:
    features = some_features(prepare(dataset.contract, tmp_path), dataset)

    status, body = post(deployment, {"features": features})

    assert status == 503
    assert body["error"] == "no_model"  # type: ignore[index]


def test_every_landed_row_is_committed_or_quarantined_with_its_reason(dataset: Dataset, followed: Followed) -> None:
    committed = sum(ingested.rows_committed for ingested in followed.ingested)
    rejected = [row for ingested in followed.ingested for row in dataset.quarantined(ingested.quarantine_uri)]

    assert sum(drop.rows for drop in followed.drops) == committed + len(rejected)
    assert len(rejected) == len(followed.data.planted)
    assert {(reason.column, reason.rule) for row in rejected for reason in row.reasons} == {
        ("mean_radius", "type: float"),
        ("mean_smoothness", "min: 0"),
        ("diagnosis", "one of benign, malignant"),
        ("diagnosis", "required"),
        ("sample_id", "unique: an earlier row has this key"),
        ("", "columns: 32, the line has 33"),
    }


def test_one_tuning_job_ran_on_the_head_of_main(dataset: Dataset, followed: Followed) -> None:
    assert followed.tuning.commit == dataset.commits()[0].id
    assert followed.trials == dataset.contract.training.trials


def test_the_served_model_knows_the_held_out_rows(deployment: Deployment, dataset: Dataset, followed: Followed) -> None:
    api = PredictionApi(deployment.environment.api_base_url, deployment.environment.api_key)

    answers = [
        api.predict(DATASET, features_of_row(dataset.contract, row)).prediction for row in followed.data.held_out
    ]

    truth = [row["diagnosis"] == "malignant" for row in followed.data.held_out]
    assert roc_auc_score(truth, [(answer.probabilities or {})["malignant"] for answer in answers]) >= 0.97
    assert {answer.named.rpartition("-")[0] for answer in answers} == {dataset.endpoint_name}


def test_the_same_file_dropped_twice_is_one_commit_and_one_tuning_job(
    deployment: Deployment, dataset: Dataset, followed: Followed
) -> None:
    commits = [commit.id for commit in dataset.commits()]
    woken = times_woken(deployment)

    dropped = dataset.drop(followed.data.files[0])

    assert dropped.landed.version != followed.drops[0].landed.version
    eventually("the file to be handled again", lambda: times_woken(deployment) > woken and all_quiet(deployment))
    assert [commit.id for commit in dataset.commits()] == commits
    jobs = deployment.environment.sagemaker.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"]
    assert [job["HyperParameterTuningJobName"] for job in jobs] == [followed.tuning.name]


def times_woken(deployment: Deployment) -> int:
    """How often start_tuning has decided: the last thing that a dropped file leads to, whatever the decision."""
    group = deployment.environment.outputs.functions["start_tuning"].log_group
    pages = deployment.environment.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern='"retrain?"'
    )
    return sum(len(page["events"]) for page in pages)


def all_quiet(deployment: Deployment) -> bool:
    environment = deployment.environment
    depths = [depth(environment.sqs, chain.queue_url) for chain in environment.outputs.chains.values()]
    return not any(found.waiting or found.in_flight for found in depths)


def test_a_request_that_does_not_fit_is_answered_with_every_field(
    deployment: Deployment, dataset: Dataset, followed: Followed
) -> None:
    features = some_features(followed.data, dataset)
    del features["mean_radius"]
    features |= {"mean_texture": "rough", "colour": "red"}

    status, body = post(deployment, {"features": features})

    assert status == 400
    assert {field["field"]: field["problem"] for field in body["fields"]} == {  # type: ignore[index]
        "features.mean_radius": "missing",
        "features.mean_texture": "expected float, found `rough`",
        "features.colour": "unknown",
    }


def test_every_command_of_the_api_page_runs(deployment: Deployment, followed: Followed, tmp_path: Path) -> None:
    """In the page's order and in one shell, as somebody would who reads it."""
    page = (ROOT / "docs" / "api.md").read_text()
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    script = commands.replace("> openapi.json", f"> {tmp_path}/openapi.json")

    done = subprocess.run(
        ["bash", "-euc", script],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    decoder, answers, rest = json.JSONDecoder(), [], done.stdout
    while rest:
        found, end = decoder.raw_decode(rest)
        answers.append(found)
        rest = rest[end:].lstrip()
    one, several, described = answers
    assert one["model"].startswith(f"{deployment.environment.outputs.name_prefix}-breast-cancer-")
    assert one["data_commit"] == followed.tuning.commit
    assert (several["predicted"], several["refused"], several["model"]) == (1, 1, one["model"])
    written = json.loads((tmp_path / "openapi.json").read_text())
    assert described["paths"] == written["paths"]
    assert written["servers"] == [{"url": deployment.environment.api_base_url}]


def test_labels_that_callers_send_make_rows_of_main(
    deployment: Deployment, dataset: Dataset, followed: Followed
) -> None:
    """Late, twice, corrected, in the wrong order; what nobody labelled makes no row."""
    rows = followed.data.held_out[:4]
    ids = [predicted(deployment, dataset, row) for row in rows]
    truth = {row["sample_id"]: row["diagnosis"] for row in rows[:3]}
    now = datetime.now(UTC)
    wrong = next(value for value in ("benign", "malignant") if value != rows[0]["diagnosis"])
    told = [
        {"inference_id": ids[0], "label": rows[0]["diagnosis"], "event_time": now.isoformat()},
        {"inference_id": ids[0], "label": wrong, "event_time": (now - timedelta(minutes=5)).isoformat()},
        {"inference_id": ids[1], "label": rows[1]["diagnosis"]},
        {"inference_id": ids[1], "label": rows[1]["diagnosis"]},
        {"inference_id": ids[2], "label": rows[2]["diagnosis"]},
        {"inference_id": ids[2], "label": "unheard of"},
    ]
    api = FeedbackApi(deployment.environment.api_base_url, deployment.environment.api_key)

    verdicts = [answer.get("verdict", answer.get("error")) for answer in api.tell(DATASET, told)]

    assert verdicts[:2] == ["recorded", "older, kept the newer"]
    assert verdicts[4:] == ["recorded", "invalid_request"]
    captured = Captured(deployment.environment, DATASET)
    eventually("the predictions to be kept", lambda: {one.inference_id for one in captured.since(1)} >= set(ids))
    for _ in range(2):
        wake(deployment, "join_feedback", JoinFeedback())
    eventually("rows on main", lambda: labels_on_main(deployment, truth) == truth)
    assert labels_on_main(deployment, {rows[3]["sample_id"]: ""}) == {}
    traced = Tracing(deployment.environment).trace(ids[0])
    assert (traced.asked.kind, traced.asked.facts["label"]) == ("prediction", json.dumps(rows[0]["diagnosis"]))
    assert [node.kind for node in traced.made_of] == ["model"]
    assert [node.kind for node in traced.led_to] == ["file"]
    assert traced.led_to[0].facts["on main"] == "yes"
    assert Tracing(deployment.environment).trace(ids[3]).led_to == ()


def predicted(deployment: Deployment, dataset: Dataset, row: dict[str, str]) -> str:
    """The inference id of a row that was asked for with its key."""
    features = {**features_of_row(dataset.contract, row), "sample_id": row["sample_id"]}
    status, body = post(deployment, {"features": features})
    assert status == 200, body
    return str(body["inference_id"])  # type: ignore[index]


def wake(deployment: Deployment, chain: str, message: LoopMessage) -> None:
    topic = deployment.environment.outputs.chains[chain].topic_arn
    deployment.environment.sns.publish(TopicArn=topic, Message=message.model_dump_json())


def labels_on_main(deployment: Deployment, keys: Collection[str]) -> dict[str, str]:
    rows = Table(deployment.environment, DATASET, names.MAIN).polars()
    found = rows.filter(pl.col("sample_id").is_in(list(keys)))
    return dict(zip(found["sample_id"], found["diagnosis"], strict=True))


def test_the_gateway_itself_refuses_what_is_no_request_at_all(deployment: Deployment, dataset: Dataset) -> None:
    assert post(deployment, {"rows": []})[0] == 400
    assert post(deployment, {"features": {}}, key="")[0] == 403
    assert post(deployment, {"features": {}}, dataset="unheard_of")[0] == 404


def test_no_function_was_denied_a_call(deployment: Deployment, followed: Followed) -> None:
    """What goes on without a right, as bookkeeping does, fails nothing else."""
    logs = deployment.environment.logs.get_paginator("filter_log_events")
    denied = [
        event["message"]
        for function in deployment.environment.outputs.functions.values()
        for page in logs.paginate(logGroupName=function.log_group, filterPattern='"not authorized to perform"')
        for event in page["events"]
    ]

    assert denied == []


@pytest.mark.long
def test_a_person_is_given_a_job_though_nothing_is_new_and_the_clock_none(
    deployment: Deployment, dataset: Dataset, followed: Followed
) -> None:
    woken = times_woken(deployment)
    wake(deployment, "start_tuning", TrainingAsked(reason="schedule"))
    eventually("the clock to be answered", lambda: times_woken(deployment) > woken and all_quiet(deployment))
    assert latest(dataset).name == followed.tuning.name

    asked = ask_for_training(deployment.environment, dataset, why="a second look")

    eventually("a second job", lambda: latest(dataset).name != followed.tuning.name)
    job = latest(dataset)
    assert (job.commit, job.tags[names.ASK_TAG], job.tags[names.REASON_TAG]) == (asked.commit, asked.id, "person")
    assert job.tags[names.WHY_TAG].startswith("asked for by arn:aws:")
    assert job.tags[names.WHY_TAG].endswith("has learned from this commit")
    kept = deployment.environment.lake.commit_at(dataset.repository, names.keep_branch(job.name))
    assert kept.id == job.commit
    LoopWatch(deployment.environment, dataset).wait_for_trials(job.name, ignore)


def latest(dataset: Dataset) -> TuningRun:
    found = dataset.latest_tuning()
    assert found
    return found
