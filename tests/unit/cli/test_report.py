"""`lakeloop report`: which model is meant, where its page goes, and what is said where there is none."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from lakeloop.cli.commands import report as command
from lakeloop.cli.main import Options, app
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.local.layout import CloudPaths
from lakeloop.registry.ports import Approval, Registration
from tests.fakes.registry import ARN, MemoryRegistry

GROUPS = {"churn": "ll-test-churn-e5f2", "wine": "ll-test-wine-91aa"}


class Bucket:
    """Pages by key; what is not there is refused as S3 refuses it."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, object]:  # noqa: N803 as boto3 has it
        if Key not in self.pages:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        assert Bucket == "artifacts"
        return {"Body": io.BytesIO(self.pages[Key])}


class World:
    """Two datasets: churn has two versions, wine a younger one."""

    def __init__(self) -> None:
        self.registry = MemoryRegistry()
        self.s3 = Bucket()
        self.opened: list[str] = []
        for dataset, job in (("churn", "j1"), ("churn", "j2"), ("wine", "j3")):
            self.register(dataset, job, f"s3://artifacts/evaluations/{dataset}/{job}/evaluation.json")
            self.s3.pages[f"evaluations/{dataset}/{job}/report.html"] = f"<p>{job}".encode()

    def open(self, uri: str) -> bool:
        self.opened.append(uri)
        return True

    def register(self, dataset: str, token: str, evaluation: str) -> None:
        self.registry.register(
            Registration(
                group=GROUPS[dataset],
                token=token,
                approval=Approval.REJECTED,
                why="no gain",
                artifact="s3://artifacts/model.tar.gz",
                image="image",
                evaluation=evaluation,
                metadata={},
                tags={},
            )
        )


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    world = World()
    outputs = SimpleNamespace(name_prefix="ll-test", datasets=("churn", "wine"))
    environment = SimpleNamespace(outputs=outputs, s3=world.s3, sagemaker=None)
    monkeypatch.setattr(command, "Environment", SimpleNamespace(load=lambda: environment))
    monkeypatch.setattr("lakeloop.client.model_reports.SageMakerPackages", lambda _: world.registry)
    monkeypatch.setattr("lakeloop.client.model_reports.names.endpoint", lambda _, dataset: GROUPS[dataset])
    monkeypatch.setattr(command, "CloudPaths", lambda: CloudPaths(local=tmp_path))
    monkeypatch.setattr("webbrowser.open", world.open)
    return world


def run(*arguments: str) -> Result:
    done = CliRunner().invoke(app, ["report", *arguments], obj=Options(), catch_exceptions=False)
    assert done.exit_code == 0
    return done


@pytest.mark.parametrize(
    ("model", "page"),
    [
        (None, b"<p>j3"),
        ("churn", b"<p>j2"),
        ("churn/1", b"<p>j1"),
        (f"{ARN}/{GROUPS['churn']}/1", b"<p>j1"),
        (GROUPS["wine"], b"<p>j3"),
    ],
)
def test_a_model_is_meant_by_its_dataset_its_number_or_its_arn(world: World, model: str | None, page: bytes) -> None:
    assert run(*filter(None, [model]), "--out", "-").stdout_bytes == page


def test_the_page_opens_in_the_browser(world: World, tmp_path: Path) -> None:
    shown = run("churn/1").output

    file = tmp_path / "reports" / f"{GROUPS['churn']}-1.html"
    assert file.read_bytes() == b"<p>j1"
    assert world.opened == [file.as_uri()]
    assert f"version 1 of {GROUPS['churn']}: Rejected" in shown
    assert f"opened {file}" in shown


def test_a_page_for_a_file_is_written_and_not_opened(world: World, tmp_path: Path) -> None:
    shown = run("wine", "--out", str(tmp_path / "new" / "page.html")).output

    assert (tmp_path / "new" / "page.html").read_bytes() == b"<p>j3"
    assert world.opened == []
    assert "written" in shown


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("churn/9", "there is no version 9 of churn"),
        ("chrun", "'chrun' names no version of a model"),
        ("arn:aws:s3:::bucket", "'arn:aws:s3:::bucket' names no version of a model"),
        ("churn/x", "'churn/x' names no version of a model"),
    ],
)
def test_a_name_that_nothing_has_is_said(world: World, model: str, said: str) -> None:
    with pytest.raises(MistakenNameError, match=said):
        run(model)


def test_without_any_model_the_way_to_one_is_said(world: World) -> None:
    world.registry.packages.clear()

    with pytest.raises(MistakenNameError, match="no model was judged yet"):
        run()


@pytest.mark.parametrize(
    ("evaluation", "said"),
    [
        ("", "was registered without an evaluation"),
        (
            "s3://artifacts/evaluations/churn/gone/evaluation.json",
            "has no report: s3://artifacts/evaluations/churn/gone",
        ),
    ],
)
def test_a_version_without_a_page_says_so(world: World, evaluation: str, said: str) -> None:
    world.register("churn", "by-hand", evaluation)

    with pytest.raises(AdvisedError, match=said):
        run("churn")
