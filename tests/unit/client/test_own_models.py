"""Models of people's own programs before the gate, and the training that a flow does by itself."""

import io
import tarfile
from datetime import UTC, datetime
from types import SimpleNamespace

import polars as pl
import pytest

from lakeloop.client.boosting import boost, refuse_settings, refuse_unlearnable
from lakeloop.client.errors import AdvisedError
from lakeloop.client.own_models import HELD, HoldingRegistry, OwnCandidates, Search, archived
from lakeloop.evaluation.document import Trial
from lakeloop.evaluation.importance import importance
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, Registration
from lakeloop.registry.wish import is_by_person
from tests.data import tiny
from tests.fakes import MemoryRegistry
from tests.unit.lakeloop.deployments import IMAGE, JOB, NEXT_JOB
from tests.unit.lakeloop.evaluations import Evaluations, again_message, knowing, table

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
FEATURES = pl.DataFrame({"label": [0.0, 1.0] * 30, "f": [float(n % 7 - 3 * (n % 2)) for n in range(60)]})


def registration(approval: Approval) -> Registration:
    metadata = {lineage.RULED: str(approval), lineage.DECIDED_BY: lineage.RULE}
    return Registration("group", "token", approval, "better by 0.1", "s3://a/m", IMAGE, "s3://a/e", metadata, {})


def test_a_search_of_ones_own_is_judged_by_the_rule_of_the_loop() -> None:
    loop = Evaluations()
    commit = loop.drop("rows.csv", table(400, 1))
    trained = loop.trained(knowing)
    search = Search(JOB, "", commit, loop.contract, (Trial("a", "Completed", 0.75, {"eta": "0.1"}),), BEGAN, "me")
    loop.candidates.models.clear()
    loop.candidates = OwnCandidates(loop.candidates, search, trained)  # type: ignore[assignment]

    loop.handle(again_message(JOB))
    loop.transforms.finish()
    loop.handle(again_message(JOB))

    version = loop.version()
    assert (version.approval, version.metadata[lineage.DATA_COMMIT]) == (Approval.APPROVED, commit)


def test_jobs_of_the_loop_are_asked_of_sagemaker() -> None:
    loop = Evaluations()
    loop.drop("rows.csv", table(40, 1))
    theirs = loop.trained(knowing, NEXT_JOB)
    search = Search(JOB, "", "", loop.contract, (), BEGAN, "me")
    candidates = OwnCandidates(loop.candidates, search, theirs)

    assert candidates.tuning_created(NEXT_JOB) == theirs.created
    assert candidates.tuning_created(JOB) == BEGAN
    assert candidates.tuning_tags(NEXT_JOB) == theirs.tags
    assert candidates.trials(JOB) == ()


def test_what_is_approved_but_not_to_be_deployed_waits_for_a_person() -> None:
    found = HoldingRegistry(MemoryRegistry()).register(registration(Approval.APPROVED))

    assert (found.approval, found.why) == (Approval.PENDING, f"{HELD}; better by 0.1")
    assert not is_by_person(found)


def test_what_is_judged_again_and_approved_waits_for_a_person_too() -> None:
    registry = MemoryRegistry()
    holding = HoldingRegistry(registry)
    found = holding.register(registration(Approval.APPROVED))

    holding.decide(found.arn, Approval.APPROVED, "better by 0.2", {lineage.RULED: Approval.APPROVED})

    again = registry.packages[found.arn]
    assert (again.approval, again.why) == (Approval.PENDING, f"{HELD}; better by 0.2")
    assert not is_by_person(again)


def test_what_is_rejected_stays_so() -> None:
    found = HoldingRegistry(MemoryRegistry()).register(registration(Approval.REJECTED))

    assert (found.approval, found.why) == (Approval.REJECTED, "better by 0.1")


def test_a_model_is_the_same_twice_and_lies_in_its_archive_as_the_container_reads_it() -> None:
    once, again = (boost(tiny(), FEATURES, FEATURES, {"eta": 0.3, "num_round": 5}) for _ in range(2))

    assert once == again
    assert once.value == max(once.rounds)
    with tarfile.open(fileobj=io.BytesIO(archived(once.booster))) as archive:
        assert archive.getnames() == ["xgboost-model"]
    assert importance(archived(once.booster), ["f"]) == {"f": 1.0}


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_split_without_rows_is_said(split: str) -> None:
    frames = {"train": FEATURES, "validation": FEATURES, split: pl.DataFrame()}

    with pytest.raises(AdvisedError, match=f"no row is in the {split} split of tiny"):
        boost(tiny(), frames["train"], frames["validation"], {})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("max_depth", -3, "max_depth"),
        ("num_round", 0, "num_round is 0, not 1 or more"),
        ("early_stopping_rounds", 2.5, "invalid literal for int"),
    ],
)
def test_settings_that_xgboost_does_not_take_are_said_with_the_reason(name: str, value: float, said: str) -> None:
    with pytest.raises(AdvisedError, match=rf"XGBoost does not train with {{'{name}': {value}}}: .*{said}"):
        boost(tiny(), FEATURES, FEATURES, {name: value})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ([], "no settings to try"),
        ({"eta": 0.1}, "no settings to try"),
        ([{"eta": 0.1}, 0.3], "settings 2 are 0.3"),
        ([{"eval_metric": "auc", "num_class": 3}], "settings 1 name eval_metric, num_class"),
    ],
)
def test_settings_are_a_list_of_what_the_contract_does_not_say(settings: object, said: str) -> None:
    with pytest.raises(AdvisedError, match=said):
        refuse_settings(settings)


def test_datasets_that_nothing_here_can_train_are_refused() -> None:
    training = SimpleNamespace(script="import this")

    with pytest.raises(AdvisedError, match="program of its own"):
        refuse_unlearnable(tiny().model_copy(update={"training": training}))
    with pytest.raises(AdvisedError, match="names no problem"):
        refuse_unlearnable(tiny().model_copy(update={"problem": None}))
