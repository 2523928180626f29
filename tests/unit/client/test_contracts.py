"""The contracts of a folder against those that are deployed."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from lakeloop import names
from lakeloop.adapters.tuning import SageMakerTuner
from lakeloop.cli.commands import contract
from lakeloop.client.contracts import build_contracts, differences, refuse_code_changes
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.client.trained_contracts import trained_contract
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import contract_digest
from lakeloop.lake.ports import LakeObject
from lakeloop.training.ports import TuningRun
from tests.data import tiny
from tests.unit.client.deployed import deploy_contracts, emulated
from tests.unit.compiler.taxi import TAXI

OTHER_SPLITS = {"fractions": {"train": 0.6, "validation": 0.2, "test": 0.2}, "seed": 1}
SORTED = [{**column.model_dump(), "allowed": sorted(column.allowed, reverse=True)} for column in tiny().columns]


class Lake:
    """A lake in which some repositories hold data."""

    def __init__(self, *holding: str) -> None:
        self._holding = holding
        self.entries: list[LakeObject] = []

    def holds_data(self, repository: str) -> bool:
        return repository in self._holding

    def objects(self, repository: str, ref: str, prefix: str) -> Iterator[LakeObject]:
        assert (repository, ref) == ("lakeloop-test-tiny", "main")
        return (entry for entry in self.entries if entry.path.startswith(prefix))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """One in which the small contract is deployed and has data."""
    with emulated(monkeypatch) as environment:
        bucket = environment.outputs.artifacts_bucket
        environment.outputs.contracts_index = deploy_contracts(environment.s3, bucket, tiny())
        vars(environment)["lake"] = Lake("lakeloop-test-tiny")
        yield environment


def here(*contracts: DatasetContract) -> dict[str, DatasetContract]:
    return {contract.name: contract for contract in contracts}


def test_contracts_that_are_as_deployed_differ_in_nothing(environment: Environment) -> None:
    assert list(differences(environment, here(tiny()))) == []


def test_new_changed_and_gone_contracts_are_told_apart(environment: Environment) -> None:
    found = differences(environment, here(tiny(description="Changed"), tiny(name="other")))
    assert [(difference.dataset, difference.what) for difference in found] == [("other", "new"), ("tiny", "changed")]

    assert [(difference.dataset, difference.what) for difference in differences(environment, {})] == [("tiny", "gone")]


def test_a_change_that_misreads_the_data_on_main_is_refused_with_what_why_and_the_ways_out(
    environment: Environment,
) -> None:
    with pytest.raises(AdvisedError) as refused:
        refuse_code_changes(environment, here(tiny(splits=OTHER_SPLITS)))

    assert refused.value.what == (
        "the data on main would mean something else under the changed contract:\n"
        "  tiny.yaml: splits.seed: was 0, is 1; rows on main would stand in another split than the same rows dropped "
        "again"
    )
    assert "take the change back" in refused.value.advice
    assert "give the changed contract a new name" in refused.value.advice


def test_where_main_holds_nothing_every_change_is_taken(environment: Environment) -> None:
    vars(environment)["lake"] = Lake()

    refuse_code_changes(environment, here(tiny(splits=OTHER_SPLITS)))


def test_what_only_makes_other_features_is_taken(environment: Environment) -> None:
    refuse_code_changes(environment, here(tiny(columns=SORTED)))


def test_a_change_that_the_data_on_main_does_not_notice_is_taken(environment: Environment) -> None:
    refuse_code_changes(environment, here(tiny(description="Changed"), tiny(name="other")))


def test_wrong_contracts_are_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "taxi.yaml").write_text(TAXI.replace("eta:", "etta:"))

    with pytest.raises(AdvisedError, match=r"1 problem in .*:\n  taxi.yaml:19: training\.ranges\.etta") as refused:
        build_contracts(tmp_path, tmp_path / "build")

    assert "lakeloop contract check" in refused.value.advice


@pytest.mark.parametrize(("holding", "code"), [("lakeloop-test-tiny", 1), ("lakeloop-test-other", 0)])
def test_diff_ends_with_1_where_the_next_apply_would_be_refused(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, holding: str, code: int
) -> None:
    vars(environment)["lake"] = Lake(holding)
    monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
    monkeypatch.setattr(
        contract,
        "build_contracts",
        lambda: here(tiny(splits=OTHER_SPLITS)),
    )

    assert CliRunner().invoke(contract.app, ["diff"]).exit_code == code


def commit(environment: Environment, path: str, rows: pl.DataFrame) -> None:
    """Rows in an object of the lake."""
    bucket, content = environment.outputs.lake_bucket, io.BytesIO()
    rows.write_parquet(content)
    environment.s3.put_object(Bucket=bucket, Key=f"data/{path}", Body=content.getvalue())
    vars(environment)["lake"].entries.append(LakeObject(path, f"s3://{bucket}/data/{path}", len(content.getvalue())))


@pytest.mark.parametrize(
    ("changed", "kind", "touched"),
    [
        ({"c": {"na_values": "b", "allowed": ("a",)}}, "changed", 2),
        ({"c": {"na_values": "?"}}, "changed", 0),
        ({"c": {"allowed": ("a", "b", "x")}}, "widened", 0),
        ({"f": {"max": 1.0}}, "changed", 1),
        ({"t": {"nullable": False}}, "changed", 3),
    ],
)
def test_rows_on_main_are_counted_that_a_changed_reading_touches(
    environment: Environment, changed: dict[str, dict[str, object]], kind: str, touched: int
) -> None:
    commit(environment, "rows/train/1.parquet", pl.DataFrame({"id": ["1", "2"], "c": ["a", "b"], "f": [1.0, 2.0]}))
    commit(environment, "rows/test/2.parquet", pl.DataFrame({"id": ["3"], "c": ["b"], "f": [0.5]}))
    columns = [{**column.model_dump(), **changed.get(column.name, {})} for column in tiny().columns]

    [found] = differences(environment, here(tiny(columns=columns)))

    assert (found.kind, found.rows_touched) == (kind, touched)
    assert found.rows_on_main == (0 if kind == "widened" else 3)


@pytest.mark.parametrize("at", ["model-1", "job-1", "0416922081e6", "0416922081e6e9015e6c50102905ca6e5fc8f92578fdd37e"])
def test_a_model_is_known_by_its_name_its_job_or_its_commit(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    trained_with(environment, monkeypatch, tiny(description="Then"))

    assert trained_contract(environment, at, ["tiny"]).description == "Then"


@pytest.mark.parametrize("at", ["model-2", "0416", "f" * 12])
def test_what_no_model_is_called_is_said(environment: Environment, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    trained_with(environment, monkeypatch, tiny())

    with pytest.raises(MistakenNameError, match="no model, tuning job or trained commit is called"):
        trained_contract(environment, at, ["tiny"])


def test_diff_at_a_model_says_what_is_other_than_it_was_trained_with(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_with(environment, monkeypatch, tiny(description="Then"))
    monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
    monkeypatch.setattr(contract, "build_contracts", lambda: here(tiny()))

    done = CliRunner().invoke(contract.app, ["diff", "--at", "model-1", "--json"])

    assert done.exit_code == 0
    [found] = json.loads(done.stdout)
    assert (found["dataset"], found["kind"], found["others"]) == ("tiny", "nothing", ["description"])


def trained_with(environment: Environment, monkeypatch: pytest.MonkeyPatch, old: DatasetContract) -> None:
    """SageMaker knows one model and the job that made it, from this contract."""
    digest = contract_digest(old)
    key = names.model_contract_key(digest)
    environment.s3.put_object(Bucket=environment.outputs.artifacts_bucket, Key=key, Body=old.model_dump_json().encode())
    environment.sagemaker.create_model(
        ModelName="model-1",
        ExecutionRoleArn="arn:aws:iam::123456789012:role/sagemaker",
        Tags=[{"Key": names.CONTRACT_TAG, "Value": digest}],
    )
    commit = "0416922081e6e9015e6c50102905ca6e5fc8f92578fdd37ef2fc3ad293470cd9"
    run = TuningRun(
        "job-1", commit, "Completed", datetime(2026, 11, 26, tzinfo=UTC), None, 1, {names.CONTRACT_TAG: digest}
    )
    monkeypatch.setattr(SageMakerTuner, "runs", lambda _, dataset: iter([run] if dataset == "tiny" else []))
