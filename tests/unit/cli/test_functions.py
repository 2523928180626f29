"""`lakeloop functions` and `lakeloop rollback functions`: what runs, and a bad deploy taken back."""

import io
import json
import zipfile
from collections.abc import Iterator

import boto3
import pytest
from mypy_boto3_lambda.type_defs import FunctionCodeTypeDef
from typer.testing import CliRunner, Result

from lakeloop import names
from lakeloop.cli.main import Options, app
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from tests.unit.client.deployed import emulated

FIRST, SECOND = "lakeloop-test-predict", "lakeloop-test-start-tuning"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    with emulated(monkeypatch) as environment:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: environment))
        monkeypatch.setenv("COLUMNS", "120")
        yield environment


def applied(environment: Environment, *applies: dict[str, int]) -> list[str]:
    """So many applies, each with the versions of functions that it made live; their ids, oldest first."""
    make_functions(environment)
    ids = [rollout(environment, functions) for functions in applies]
    for function, version in applies[-1].items():
        move(environment, function, version)
    return ids


def make_functions(environment: Environment) -> None:
    trust = json.dumps({"Statement": []})
    role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for one in environment.outputs.functions.values():
        code: FunctionCodeTypeDef = {"ZipFile": zipped("0")}
        environment.lambda_.create_function(
            FunctionName=one.name, Runtime="python3.13", Role=role, Handler="h.h", Code=code
        )
        for number in range(1, 4):
            environment.lambda_.update_function_code(FunctionName=one.name, ZipFile=zipped(str(number)), Publish=True)
        environment.lambda_.create_alias(FunctionName=one.name, Name="live", FunctionVersion="1")


def zipped(text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("h.py", text)
    return content.getvalue()


def rollout(environment: Environment, functions: dict[str, int]) -> str:
    versions = {name: str(version) for name, version in functions.items()}
    body = {"format": 1, "lakeloop": "1.0", "git_sha": "c0ffee", "functions": versions, "layers": []}
    bucket = environment.outputs.artifacts_bucket
    return environment.s3.put_object(Bucket=bucket, Key=names.ROLLOUTS_KEY, Body=json.dumps(body))["VersionId"]


def move(environment: Environment, function: str, version: int) -> None:
    environment.lambda_.update_alias(FunctionName=function, Name="live", FunctionVersion=str(version))


def live(environment: Environment, function: str) -> str:
    return environment.lambda_.get_alias(FunctionName=function, Name="live")["FunctionVersion"]


def run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, arguments, input=answer, obj=Options())


def test_a_bad_deploy_is_taken_back_and_it_is_kept_by_whom_and_why(environment: Environment) -> None:
    applied(environment, {FIRST: 1, SECOND: 1}, {FIRST: 2, SECOND: 1}, {FIRST: 3, SECOND: 2})

    done = run("rollback", "functions", "--reason", "answers are wrong", "--yes")

    assert done.exit_code == 0
    assert f"{FIRST} from version 3 to 2" in done.stdout
    assert (live(environment, FIRST), live(environment, SECOND)) == ("2", "1")
    said = environment.lambda_.get_alias(FunctionName=FIRST, Name="live")["Description"]
    assert said == f"From 3 by {environment.caller}: answers are wrong"


def test_once_more_goes_one_further_back_and_what_did_not_change_is_not_moved(environment: Environment) -> None:
    applied(environment, {FIRST: 1, SECOND: 1}, {FIRST: 2, SECOND: 1}, {FIRST: 3, SECOND: 2})
    run("rollback", "functions", "--reason", "answers are wrong", "--yes")

    done = run("rollback", "functions", "--reason", "still wrong", "--yes")

    assert (live(environment, FIRST), live(environment, SECOND)) == ("1", "1")
    assert SECOND not in done.stdout


def test_a_named_apply_is_gone_to_forward_too(environment: Environment) -> None:
    _, newest = applied(environment, {FIRST: 1}, {FIRST: 2})
    move(environment, FIRST, 1)

    assert run("rollback", "functions", "--to", newest[:8], "--reason", "it was not that", "--yes").exit_code == 0

    assert live(environment, FIRST) == "2"


def test_nothing_moves_without_a_reason_or_without_a_yes(environment: Environment) -> None:
    applied(environment, {FIRST: 1}, {FIRST: 2})

    assert "say why with --reason" in run("rollback", "functions").stdout
    assert run("rollback", "functions", "--reason", "wrong", answer="n\n").exit_code == 0
    assert isinstance(run("rollback", "functions", "--yes").exception, MistakenNameError)

    assert live(environment, FIRST) == "2"


@pytest.mark.parametrize("applies", [[{FIRST: 2}], [{FIRST: 1}, {FIRST: 3}]])
def test_where_it_is_not_clear_what_was_before_nothing_is_guessed(
    environment: Environment, applies: list[dict[str, int]]
) -> None:
    applied(environment, *applies)
    move(environment, FIRST, 2)

    refused = run("rollback", "functions", "--reason", "wrong", "--yes").exception

    assert isinstance(refused, AdvisedError)
    assert "--to" in refused.advice
    assert live(environment, FIRST) == "2"


def test_an_apply_that_is_not_kept_is_not_gone_to(environment: Environment) -> None:
    ids = applied(environment, *({FIRST: 1 + number % 2} for number in range(6)))

    assert isinstance(run("rollback", "functions", "--to", ids[0]).exception, MistakenNameError)


def test_functions_that_were_set_back_are_shown_with_the_reason(environment: Environment) -> None:
    older, newest = applied(environment, {FIRST: 1, SECOND: 1}, {FIRST: 2, SECOND: 1})
    run("rollback", "functions", "--reason", "answers are wrong", "--yes")

    shown = run("functions").stdout

    assert [line for line in shown.splitlines() if older[:8] in line and "runs" in line]
    assert [line for line in shown.splitlines() if newest[:8] in line and "1 function at another version" in line]
    assert "version 1; 2 was applied last" in shown
    assert "answers are wrong" in shown
    assert SECOND not in shown
    told = json.loads(run("functions", "--json").stdout)
    assert (told["runs"], told["functions"][FIRST]["version"], len(told["kept"])) == (older, "1", 2)


@pytest.mark.usefixtures("environment")
def test_an_environment_of_an_earlier_release_says_what_to_do() -> None:
    refused = run("functions").exception

    assert isinstance(refused, AdvisedError)
    assert "apply" in refused.advice
