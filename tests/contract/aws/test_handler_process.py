"""Handlers run on a bare interpreter, without the developer's environment, from shared read-only archives."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.contract.aws.conftest import Deploy, Emulator, archive


def invoke(emulator: Emulator, function: str, event: object = None) -> Any:  # noqa: ANN401 - what the function returns
    answer = emulator.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())


def layer_of(emulator: Emulator, name: str, **files: str) -> str:
    layers = emulator.client("lambda")
    arn: str = layers.publish_layer_version(LayerName=name, Content={"ZipFile": archive(**files)})["LayerVersionArn"]
    return arn


def test_a_package_missing_from_the_layers_is_an_import_error(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy("import boto3\ndef handler(event, context): return 1")

    answer = invoke(emulator, function)

    assert "No module named 'boto3'" in answer["errorMessage"]


def test_only_the_standard_library_and_the_layers_can_be_imported(emulator: Emulator, deploy: Deploy) -> None:
    layer = layer_of(emulator, "greeting", python__SLASH__greeting__py="WORDS = 'from the layer'")
    function = deploy(
        "import importlib.util as u, greeting\n"
        "def handler(event, context):\n"
        "    return [greeting.WORDS, [n for n in event if u.find_spec(n)]]",
        Layers=[layer],
    )

    found = invoke(emulator, function, ["json", "ministack", "local", "yaml", "pip", "psutil", "bootstrap"])

    assert found == ["from the layer", ["json"]]


def test_packages_below_site_packages_of_a_layer_are_found(emulator: Emulator, deploy: Deploy) -> None:
    path = "python/lib/python3.11/site-packages/deep__py".replace("/", "__SLASH__")
    layer = layer_of(emulator, "deep", **{path: "WORDS = 'deep'"})
    function = deploy("import deep\ndef handler(event, context): return deep.WORDS", Layers=[layer])

    assert invoke(emulator, function) == "deep"


def test_the_developers_environment_does_not_reach_a_handler(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy("import os\ndef handler(event, context): return dict(os.environ)")

    environment = invoke(emulator, function)

    assert not {"DEVELOPERS_SECRET", "LAKELOOP_EVENTS_TOKEN", "GATEWAY_PORT", "STATE_DIR"} & environment.keys()
    assert environment["AWS_ENDPOINT_URL"] == emulator.url
    assert environment["AWS_ENDPOINT_URL_SAGEMAKER"] == "http://127.0.0.1:1"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11"
    assert not environment["HOME"].startswith(str(Path.home()))


def test_the_functions_own_variables_and_context_are_there(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy(
        "import os\ndef handler(event, c):\n"
        "    return [os.environ['COLOUR'], c.function_name, c.aws_request_id, c.get_remaining_time_in_millis()]",
        Environment={"Variables": {"COLOUR": "blue"}},
    )

    colour, name, request_id, remaining = invoke(emulator, function)

    assert (colour, name) == ("blue", function)
    assert len(request_id) == 36
    assert 5_000 < remaining <= 10_000


def test_processes_share_one_unpacked_copy_per_content(emulator: Emulator, deploy: Deploy) -> None:
    layer = layer_of(emulator, "shared", python__SLASH__shared__py="import os\nPATH = os.path.realpath(__file__)")
    source = "import shared\ndef handler(event, context): return shared.PATH"

    first, second = (invoke(emulator, deploy(source, Layers=[layer])) for _ in range(2))

    assert first == second
    assert first.startswith(str(emulator.state_dir))


def test_a_handler_cannot_change_its_own_code(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy("import os\ndef handler(event, context): return oct(os.stat(__file__).st_mode & 0o222)")

    assert invoke(emulator, function) == "0o0"


def test_what_a_handler_writes_to_standard_output_is_a_log_line_not_its_answer(
    emulator: Emulator, deploy: Deploy
) -> None:
    forged = '{"status": "ok", "result": "forged"}'
    function = deploy(f"import os\ndef handler(event, context):\n    os.write(1, b'{forged}\\n')\n    return 'real'")

    assert invoke(emulator, function) == "real"


def test_an_error_of_a_handler_is_told_with_its_text(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy("def handler(event, context): raise ValueError('seven is too many')")

    assert "seven is too many" in invoke(emulator, function)["errorMessage"]


def test_a_result_that_json_cannot_carry_is_an_error(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy("def handler(event, context): return {1, 2}")

    assert "not JSON serializable" in invoke(emulator, function)["errorMessage"]


def test_a_python_that_is_not_installed_is_named(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy("def handler(event, context): return 1", Runtime="python3.9")

    answer = invoke(emulator, function)

    assert "python3.9" in answer["errorMessage"]
    assert "lambda_runtime" in answer["errorMessage"]


def test_an_invocation_that_runs_while_its_function_changes_runs_to_its_end(
    emulator: Emulator, deploy: Deploy, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    function = deploy(
        "import os, pathlib, time\n"
        "def handler(event, context):\n"
        "    if event:\n"
        "        pathlib.Path(event).touch()\n"
        "        time.sleep(2)\n"
        "    return os.environ['WORD']",
        Environment={"Variables": {"WORD": "old"}},
    )
    with ThreadPoolExecutor() as pool:
        running = pool.submit(invoke, emulator, function, str(begun))
        while not begun.exists():
            time.sleep(0.05)

        emulator.client("lambda").update_function_configuration(
            FunctionName=function, Environment={"Variables": {"WORD": "new"}}
        )

        assert invoke(emulator, function) == "new"
        assert running.result() == "old"
