"""The chain from a file to the endpoint, walked both ways from whatever is named."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from lakeloop.deployment.requests import model_request
from lakeloop.lake.ports import LakeCommit
from lakeloop.lake.sources import Source
from lakeloop.lineage.bad_data import ROLLED_BACK
from lakeloop.lineage.trace import MOST_FILES, Endpoint, Node, Records, Tracer
from lakeloop.training.ports import TuningRun
from tests.data import tiny
from tests.unit.capture.world import capture
from tests.unit.rollback.test_models import version

NOW = datetime(2026, 11, 27, tzinfo=UTC)
A, B = "s3://landing/incoming/tiny/a.csv", "s3://landing/incoming/tiny/b.csv"


def brought(id_: str, parent: str, uri: str) -> LakeCommit:
    sources = json.dumps([asdict(Source(f"e-{id_}", uri, "v1", "", 2, 2, 0, ""))])
    return LakeCommit(id_, {"sources": sources, "rows_committed": "2"}, (parent, f"branch-{id_}"))


LOG = [
    LakeCommit("c4", {ROLLED_BACK: "c2", "rows_committed": "0"}, ("c3", "x")),
    LakeCommit("c3", {"rows_committed": "0"}, ("c2", "y")),
    brought("c2", "c1", B),
    brought("c1", "c0", A),
    LakeCommit("c0", {}),
]
FILES = {"c1": [(A, 2)], "c2": [(A, 2), (B, 2)], "c3": [(A, 2), (B, 2)], "c4": [(A, 2)]}


def files_at(commit: str) -> Iterable[tuple[str, int]]:
    return FILES[commit]


def run(name: str, commit: str) -> TuningRun:
    return TuningRun(name, commit, "Completed", NOW)


@pytest.fixture
def tracer() -> Tracer:
    versions = [
        version(3, "c4", tuning_job="job-4"),
        version(2, "c3", tuning_job="job-3"),
        version(1, "c1", tuning_job="job-1"),
    ]
    runs = [run("job-4", "c4"), run("job-3", "c3"), run("job-1", "c1")]
    return Tracer(Records("tiny", LOG, runs, versions, Endpoint("tiny", "InService", "arn/3"), files_at))


def walked(nodes: Iterable[Node]) -> list[object]:
    """Names only, those that follow in lists of their own."""
    return [(node.name, walked(node.then)) if node.then else node.name for node in nodes]


def test_a_file_leads_to_all_that_learned_from_it_and_no_further_than_its_rollback(tracer: Tracer) -> None:
    found = tracer.file(B)

    assert found
    assert walked(found.led_to) == [("c2", [("job-3", ["g/2"])])]
    assert found.asked.facts == {"version": "v1", "on main": "no"}


def test_a_file_that_is_still_there_leads_to_the_endpoint(tracer: Tracer) -> None:
    found = tracer.file(A)

    assert found
    jobs = [("job-4", [("g/3", ["tiny"])]), ("job-3", ["g/2"]), ("job-1", ["g/1"])]
    assert walked(found.led_to) == [("c1", jobs)]


def test_the_endpoint_leads_back_to_the_files(tracer: Tracer) -> None:
    found = tracer.endpoint()

    assert found
    assert walked(found.made_of) == [("g/3", [("job-4", [("c4", [A])])])]


@pytest.mark.parametrize("named", ["c2", "branch-c2"])
def test_a_commit_is_found_by_its_branch_too(tracer: Tracer, named: str) -> None:
    found = tracer.commit(named)

    assert found
    assert found.asked.name == "c2"
    assert walked(found.made_of) == [B]
    assert walked(found.led_to) == [("job-3", ["g/2"])]
    assert found.asked.facts["data taken back by"] == "c4"


def test_a_job_and_a_model_stand_in_the_middle(tracer: Tracer) -> None:
    job, model = tracer.job("job-4"), tracer.model(3)

    assert job
    assert model
    assert (walked(job.made_of), walked(job.led_to)) == ([("c4", [A])], [("g/3", ["tiny"])])
    assert (walked(model.made_of), walked(model.led_to)) == ([("job-4", [("c4", [A])])], ["tiny"])


def test_what_is_not_there_is_nothing(tracer: Tracer) -> None:
    assert tracer.file("s3://landing/incoming/tiny/none.csv") is None
    assert tracer.commit("zz") is None
    assert tracer.job("none") is None
    assert tracer.model(9) is None


def test_of_many_files_the_first_are_shown_and_all_are_counted() -> None:
    many = [(f"s3://landing/incoming/tiny/{number:03}.csv", 1) for number in range(50)]
    found = Tracer(Records("tiny", LOG, [run("job-1", "c1")], [], None, lambda _: many)).job("job-1")

    assert found
    [commit] = found.made_of
    assert len(commit.then) == MOST_FILES
    assert (commit.facts["files"], commit.facts["shown"]) == ("50", f"the first {MOST_FILES}")


def test_a_job_that_sagemaker_lists_no_longer_is_told_by_its_model() -> None:
    found = Tracer(Records("tiny", LOG, [], [version(1, "c1", tuning_job="job-1")], None, files_at)).model(1)

    assert found
    assert walked(found.made_of) == [("job-1", [("c1", [A])])]
    assert found.made_of[0].facts["status"] == "SageMaker lists no job of this name"


def test_a_labelled_prediction_leads_from_its_model_to_what_learned_from_it(tracer: Tracer) -> None:
    answered = capture(model=f"tiny-{model_of('image', 's3://a/model.tar.gz')}", data_commit="c4")

    found = tracer.prediction(answered, '"yes"', A)

    assert (found.asked.name, found.asked.facts["label"]) == (answered.inference_id, '"yes"')
    assert walked(found.made_of) == [("g/3", [("job-4", [("c4", [A])])])]
    assert walked(found.led_to) == [(A, walked(tracer_of(tracer, A)))]


def test_a_prediction_without_a_label_led_to_nothing_and_one_of_a_forgotten_model_tells_its_data(
    tracer: Tracer,
) -> None:
    found = tracer.prediction(capture(model="tiny-gone", data_commit="c1"), "", A)

    assert found.asked.facts["label"] == "none yet"
    assert (walked(found.made_of), found.led_to) == ([("c1", [A])], ())


def test_a_prediction_whose_model_nobody_could_tell_is_made_of_nothing_known(tracer: Tracer) -> None:
    assert tracer.prediction(capture(model="", data_commit=""), "", A).made_of == ()


def test_a_label_that_was_not_joined_yet_led_to_nothing(tracer: Tracer) -> None:
    window = "s3://landing/incoming/tiny/feedback/2026-11-26T10.parquet"

    assert tracer.prediction(capture(data_commit="c1"), '"yes"', window).led_to == ()


def tracer_of(tracer: Tracer, uri: str) -> Iterable[Node]:
    found = tracer.file(uri)
    assert found
    return found.led_to


def model_of(image: str, artifact: str) -> str:
    """How a serverless endpoint's model of it ends."""
    request = model_request("tiny", artifact, tiny().serving, image=image, role_arn="")
    return request["ModelName"].removeprefix("tiny-")
