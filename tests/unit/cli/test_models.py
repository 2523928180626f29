"""`lakeloop models`, `approve`, `reject`, `endpoint` and `trace`: what they show, and what they decide."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from lakeloop import names
from lakeloop.cli.commands import decide, endpoint, models, trace
from lakeloop.client import endpoints, tracing
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.client.pruning import Pruning
from lakeloop.contract import Serving
from lakeloop.deployment.ports import EndpointState, ServedConfig
from lakeloop.deployment.requests import config_request
from lakeloop.lineage.trace import Records, Tracer
from lakeloop.registry.ports import Approval
from lakeloop.rollback.keeping import Pruned
from lakeloop.rollback.model import PRUNED
from lakeloop.rollback.models import BAD_DATA
from tests.unit.client.deployed import ACCOUNT, emulated
from tests.unit.client.registered import GROUP, OURS, Registered, registered, version
from tests.unit.lineage.test_trace import FILES, LOG, A, run

ARTIFACTS = f"lakeloop-test-artifacts-{ACCOUNT}"
LANDING = f"s3://lakeloop-test-landing-{ACCOUNT}/incoming/breast_cancer"


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Registered:
    made = registered(monkeypatch)
    made.add(version(1, approval=Approval.REJECTED, why="superseded by version 2"))
    made.serving = made.add(version(2)).arn
    made.add(version(3, approval=Approval.REJECTED, why="no better than version 2: auc 0.93 against 0.92"))
    return made


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, sagemaker: Registered) -> Iterator[Environment]:
    with emulated(monkeypatch) as made:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: made))
        yield made


class TestModels:
    def test_they_are_listed_newest_first_with_what_serves(self) -> None:
        shown = CliRunner().invoke(models.app, ["breast_cancer"]).output

        [three, two, one] = [line for line in shown.splitlines() if "auc" in line]
        assert ("2 serves" in two, "Approved" in two, "auc 0.9200" in two) == (True, True, True)
        assert ("Rejected" in three, "Rejected" in one) == (True, True)

    def test_a_reason_that_names_a_cell_cannot_colour_the_screen(self, sagemaker: Registered) -> None:
        sagemaker.add(version(4, why="worse on place \x1b[31m"))

        shown = CliRunner().invoke(models.app, ["breast_cancer"]).output

        assert r"worse on place \x1b[31m" in " ".join(shown.split())
        assert "\x1b" not in shown

    def test_as_json(self) -> None:
        told = json.loads(CliRunner().invoke(models.app, ["list", "breast_cancer", "--json"]).output)

        assert [(one["version"], one["serves"], one["data_commit"]) for one in told] == [
            (3, False, "c1"),
            (2, True, "c1"),
            (1, False, "c1"),
        ]

    def test_two_are_compared_with_their_metrics(self, environment: Environment, sagemaker: Registered) -> None:
        figure = {"value": 0.93, "interval": [0.9, 0.96, 0.95], "insufficient": ""}
        none = {"value": None, "interval": None, "insufficient": "one class only"}
        verdict = {"metrics": {"auc": {"challenger": figure}, "logloss": {"challenger": none}}}
        body = json.dumps({"verdict": verdict}).encode()
        environment.s3.put_object(Bucket=ARTIFACTS, Key="evaluations/3.json", Body=body)
        sagemaker.add(replace(version(3), evaluation=f"s3://{ARTIFACTS}/evaluations/3.json"))

        shown = CliRunner().invoke(models.app, ["compare", "breast_cancer/3", version(2).arn]).output

        assert "0.9300 (0.9000 to 0.9600)" in shown
        assert "one class only" in shown
        assert "version 2" in shown

    def test_what_names_no_version_says_how_one_is_written(self) -> None:
        with pytest.raises(MistakenNameError, match="names no version"):
            models.compare("nonsense", "breast_cancer/2")

    def test_prune_shows_first_and_keeps_what_is_needed(self, environment: Environment, sagemaker: Registered) -> None:
        sagemaker.add(replace(version(1), approval=Approval.REJECTED, why="no better than a constant"))
        keys = [f"training/breast_cancer/job-{number}/job-{number}-001/output/model.tar.gz" for number in (1, 2, 3, 4)]
        for number, key in enumerate(keys, 1):
            environment.s3.put_object(Bucket=ARTIFACTS, Key=key, Body=b"x")
            found = sagemaker.registry.packages.get(version(number).arn)
            if found:
                sagemaker.add(replace(found, artifact=f"s3://{ARTIFACTS}/{key}"))

        def there() -> list[str]:
            return [
                found["Key"]
                for found in environment.s3.list_objects_v2(Bucket=ARTIFACTS, Prefix="training/")["Contents"]
            ]

        shown = CliRunner().invoke(models.app, ["prune", "breast_cancer"]).output
        assert "2 versions, 2 objects" in shown
        assert there() == keys

        CliRunner().invoke(models.app, ["prune", "breast_cancer", "--yes"], catch_exceptions=False)

        assert there() == [keys[1], keys[3]]
        marked = {found.version for found in sagemaker.registry.packages.values() if PRUNED in found.metadata}
        assert marked == {1, 3}

    def test_prune_keeps_the_config_of_a_second_endpoint_that_is_still_there(
        self, environment: Environment, sagemaker: Registered, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configs = [f"{GROUP}-left-over", f"{GROUP}-of-the-second"]
        for name in configs:
            environment.sagemaker.create_model(ModelName=name, ExecutionRoleArn="arn:aws:iam::123456789012:role/r")
            config = config_request(GROUP, name, Serving())
            config["EndpointConfigName"] = name
            environment.sagemaker.create_endpoint_config(**config)
        second = names.second_endpoint("lakeloop-test", "breast_cancer")
        states = {
            GROUP: EndpointState(GROUP, "InService", "config", "", OURS),
            second: EndpointState(second, "InService", configs[1], "", OURS),
        }
        monkeypatch.setattr(sagemaker, "endpoint", states.get)
        monkeypatch.setattr(
            sagemaker, "served", lambda name: ServedConfig(name, name, {**OURS, names.MODEL_PACKAGE_TAG: name})
        )

        Pruning(environment, Dataset(environment, "breast_cancer")).carry_out(Pruned((), ()), previous=0)

        left = environment.sagemaker.list_endpoint_configs(NameContains=GROUP)["EndpointConfigs"]
        assert [found["EndpointConfigName"] for found in left] == [configs[1]]


class TestDecisions:
    def test_a_person_approves_with_a_reason(self, sagemaker: Registered) -> None:
        decide.approve("breast_cancer", 3, reason="it is fairer", yes=True)

        approval, why = sagemaker.said[3]
        assert approval is Approval.APPROVED
        assert why.startswith("approved by arn:aws:sts::")
        assert why.endswith(": it is fairer")

    def test_without_a_reason_nothing_is_decided(
        self, sagemaker: Registered, capsys: pytest.CaptureFixture[str]
    ) -> None:
        decide.approve("breast_cancer", 3)

        assert "no better than version 2" in capsys.readouterr().out
        assert sagemaker.registry.decided == []

    def test_one_that_learned_from_bad_data_needs_force(self, sagemaker: Registered) -> None:
        sagemaker.add(version(3, approval=Approval.REJECTED, **{BAD_DATA: "c9"}))

        with pytest.raises(AdvisedError, match="learned from data that was taken back"):
            decide.approve("breast_cancer", 3, reason="so be it", yes=True)
        decide.approve("breast_cancer", 3, reason="so be it", yes=True, force=True)

        assert sagemaker.said[3][0] is Approval.APPROVED

    def test_one_whose_artifact_is_gone_is_never_approved(self, sagemaker: Registered) -> None:
        sagemaker.add(version(3, approval=Approval.REJECTED, **{PRUNED: "2026-11-27"}))

        with pytest.raises(AdvisedError, match="artifact was deleted"):
            decide.approve("breast_cancer", 3, reason="so be it", yes=True, force=True)

    def test_what_serves_is_rolled_back_and_not_rejected(self) -> None:
        with pytest.raises(AdvisedError, match="version 2 serves"):
            decide.reject("breast_cancer", 2, reason="bad", yes=True)

    def test_another_is_rejected(self, sagemaker: Registered) -> None:
        sagemaker.add(version(4, approval=Approval.PENDING))

        decide.reject("breast_cancer", 4, reason="not this one", yes=True)

        assert sagemaker.said[4][0] is Approval.REJECTED


class TestEndpoint:
    def test_off_is_kept_with_who_and_why_and_on_wakes_deploy_model(
        self, environment: Environment, sagemaker: Registered, capsys: pytest.CaptureFixture[str]
    ) -> None:
        topic = environment.sns.create_topic(Name="lakeloop-test-deploy-model")["TopicArn"]
        assert topic == environment.outputs.chains["deploy_model"].topic_arn

        endpoint.off("breast_cancer", reason="no budget", yes=True)
        endpoint.off("breast_cancer")

        assert sagemaker.deleted == ["lakeloop-test-breast-cancer"]
        assert "is off since" in capsys.readouterr().out
        endpoint.on("breast_cancer")
        assert "deploy_model brings it to version 2" in capsys.readouterr().out

    def test_one_that_is_being_changed_is_deleted_when_it_can_be(
        self, monkeypatch: pytest.MonkeyPatch, sagemaker: Registered
    ) -> None:
        monkeypatch.setattr(endpoints, "POLL_SECONDS", 0)
        sagemaker.busy = 2

        endpoint.off("breast_cancer", reason="no budget", yes=True)

        assert sagemaker.deleted == ["lakeloop-test-breast-cancer"]

    def test_both_go_where_one_takes_the_others_place(self, sagemaker: Registered) -> None:
        sagemaker.there.append("lakeloop-test--breast-cancer")

        endpoint.off("breast_cancer", reason="no budget", yes=True)

        assert sagemaker.deleted == ["lakeloop-test-breast-cancer", "lakeloop-test--breast-cancer"]

    def test_without_a_reason_it_stays(self, sagemaker: Registered) -> None:
        endpoint.off("breast_cancer")

        assert sagemaker.deleted == []


class TestTrace:
    @pytest.fixture(autouse=True)
    def tracer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        log = [replace(commit, id=f"{number}" * 64) for number, commit in enumerate(LOG)]
        records = Records("breast_cancer", log, [run("job-1", log[3].id)], [version(1)], None, lambda _: FILES["c1"])
        monkeypatch.setattr(tracing.Tracing, "_tracer", lambda *_: Tracer(records))
        monkeypatch.setattr("lakeloop.client.predicted.predicted", lambda *_: iter(()))

    @pytest.mark.parametrize("named", ["breast_cancer/1", version(1).arn, "3" * 64, "333333"])
    def test_a_chain_is_a_tree(self, named: str, capsys: pytest.CaptureFixture[str]) -> None:
        trace.trace(named)

        assert "job job-1" in capsys.readouterr().out

    def test_as_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        trace.trace("333333", as_json=True)

        told = json.loads(capsys.readouterr().out)
        assert told["led_to"][0]["kind"] == "job"
        assert [found["name"] for found in told["made_of"]] == [A]

    @pytest.mark.parametrize("named", ["nonsense", "breast_cancer/none.csv", f"{LANDING}/none.csv", "abcdef"])
    def test_what_is_nothing_says_what_can_be_named(self, named: str) -> None:
        with pytest.raises(MistakenNameError, match=f"nothing is called {named}"):
            trace.trace(named)
