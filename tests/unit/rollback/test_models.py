"""Models that learned from bad data are known, whatever came between."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lakeloop.lake.ports import LakeCommit
from lakeloop.lineage.bad_data import ROLLED_BACK, taken_back_since
from lakeloop.registry.lineage import DATA_COMMIT
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.rollback.models import BAD_DATA, consequences, has_data_of
from lakeloop.training.ports import TuningRun
from tests.cases import PLAN

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def version(
    number: int, commit: str, approval: Approval = Approval.APPROVED, why: str = "better", **metadata: str
) -> ModelVersion:
    return ModelVersion(
        arn=f"arn/{number}",
        group="g",
        version=number,
        approval=approval,
        why=why,
        artifact="s3://a/model.tar.gz",
        image="image",
        created=NOW,
        changed=NOW,
        metadata={DATA_COMMIT: commit, **metadata},
    )


def run(name: str, commit: str, status: str = "InProgress") -> TuningRun:
    return TuningRun(name, commit, status, NOW)


def line(*ids: str) -> list[LakeCommit]:
    """Commits of main, oldest first; the log of them."""
    commits: list[LakeCommit] = []
    for id_ in ids:
        commits.insert(0, LakeCommit(id_, {}, (commits[0].id,) if commits else ()))
    return commits


class TestModelsOfLaterCommits:
    case: Any = json.loads((PLAN / "models-of-later-commits" / "history.json").read_text())

    def log(self, *, reverted: bool) -> list[LakeCommit]:
        names = [text.split()[0] for text in self.case["commits"]]
        log = line(*names)
        if reverted:
            return [LakeCommit("c5", {ROLLED_BACK: "c2"}, ("c4",)), *log[1:]]
        return log[1:]

    def models(self) -> list[ModelVersion]:
        numbered = [(int(key), commit) for key, commit in self.case["models"].items() if key != "running"]
        return [version(number, commit) for number, commit in sorted(numbered, reverse=True)]

    def test_models_of_later_commits_are_flagged_before_anything_is_done(self) -> None:
        found = consequences(
            self.models(),
            [run("job", self.case["models"]["running"])],
            has_data_of(self.log(reverted=False), ["c2"]),
            serving="arn/3",
        )

        assert [flagged.version for flagged in found.flagged] == [3, 2]
        assert found.stopped == ("job",)
        assert (found.serving, found.instead) == (self.models()[0], self.models()[2])
        assert not found.train

    def test_what_is_registered_later_of_a_job_that_was_running_is_known_too(self) -> None:
        log = self.log(reverted=True)

        bad = {commit: taken_back_since(log, commit) is not None for commit in ("c1", "c2", "c3", "c4", "c5")}

        assert bad == {"c1": False, "c2": True, "c3": True, "c4": True, "c5": False}

    def test_a_model_of_the_revert_itself_is_clean(self) -> None:
        found = consequences(
            [version(4, "c5"), *self.models()],
            [],
            has_data_of(self.log(reverted=True), ["c2"], left="c5"),
            serving="arn/4",
        )

        assert [flagged.version for flagged in found.flagged] == [3, 2]
        assert found.serving is None


def test_data_that_came_again_after_its_rollback_is_wanted() -> None:
    log = [LakeCommit("c4", {}, ("c3",)), LakeCommit("c3", {ROLLED_BACK: "c2"}, ("c2",)), *line("c1", "c2")]

    assert taken_back_since(log, "c4") is None
    assert taken_back_since(log, "c2") == log[1]


def test_a_commit_that_is_on_no_line_of_main_has_nothing_taken_back() -> None:
    assert taken_back_since([LakeCommit("c2", {ROLLED_BACK: "c1"}, ("c1",)), *line("c1")], "elsewhere") is None


def test_without_a_clean_model_a_new_one_is_trained_and_the_bad_one_serves_until_then() -> None:
    found = consequences(
        [version(2, "c3"), version(1, "c2")], [], has_data_of(line("c1", "c2", "c3"), ["c2"]), serving="arn/2"
    )

    assert found.train
    assert [rejected.version for rejected in found.rejected] == [1]


@pytest.mark.parametrize(
    ("candidate", "takes_over"),
    [
        (version(1, "c1", Approval.REJECTED, "superseded by version 2"), True),
        (version(1, "c1", Approval.REJECTED, "no better than version 0"), False),
        (version(1, "c1", Approval.REJECTED, "rolled back: it refused everybody"), False),
        (version(1, "c1", Approval.PENDING), False),
        (version(1, "c1", Approval.REJECTED, "superseded by version 2", **{BAD_DATA: "c0"}), False),
    ],
)
def test_only_what_was_good_enough_and_is_not_taken_back_takes_over(candidate: ModelVersion, takes_over: bool) -> None:
    found = consequences([version(2, "c2"), candidate], [], has_data_of(line("c1", "c2"), ["c2"]), serving="arn/2")

    assert (found.instead == candidate) is takes_over


def test_a_clean_model_goes_on_serving() -> None:
    found = consequences(
        [version(2, "c2"), version(1, "c1")],
        [run("done", "c2", "Completed")],
        has_data_of(line("c1", "c2"), ["c2"]),
        serving="arn/1",
    )

    assert (found.serving, found.instead, found.stopped) == (None, None, ())
    assert found.rejected == found.flagged
