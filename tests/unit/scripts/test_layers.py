"""Each handler imports from its own layers and nothing else, as it does in Lambda."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lakeloop import project
from lakeloop.scripts.build import domain_modules
from tests.data import ROOT

HANDLERS = sorted((ROOT / "lambdas").glob("*/handler.py"))

# The modules a handler names, without the handler itself: that one asks AWS for its settings.
IMPORT = """
import ast, importlib, sys
for node in ast.walk(ast.parse(open(sys.argv[1]).read())):
    if isinstance(node, ast.ImportFrom):
        importlib.import_module(node.module)
"""


def layers_of(function: str) -> list[str]:
    """The layers that infra/ gives a function."""
    text = "\n".join(
        (ROOT / "infra" / "modules" / "lakeloop" / file).read_text()
        for file in ("main.tf", "online.tf", "functions.tf", "tracking.tf")
    )
    found = re.search(rf"^    {function} = \{{.*?layers\s*=\s*\[([^\]]*)\]", text, re.DOTALL | re.MULTILINE)
    assert found, f"infra/ gives {function} no layers"
    return re.findall(r'"(\w+)"', found.group(1))


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.parent.name)
def test_a_handler_imports_with_only_its_own_layers_on_the_path(layers: Path, handler: Path) -> None:
    path = ":".join(str(layers / name / "python") for name in layers_of(handler.parent.name))

    done = subprocess.run(
        [sys.executable, "-S", "-c", IMPORT, str(handler)],
        env={"PYTHONPATH": path, "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_command_and_the_local_cloud_stay_out_of_the_functions(layers: Path) -> None:
    package = layers / "lakeloop" / "python" / "lakeloop"

    assert not {"cli", "client", "local", "scripts", "project.py"} & {found.name for found in package.iterdir()}


def imported(file: Path) -> set[str]:
    """Modules of lakeloop that a file names in its imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("lakeloop"):
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def module_file(name: str) -> Path:
    return project.PACKAGE.parent / f"{name.replace('.', '/')}.py"


def test_the_layer_carries_all_that_functions_and_its_own_modules_import() -> None:
    carried = {file for file, _ in domain_modules(project.PACKAGE)}
    handlers = set((project.SOURCES / "lambdas").glob("*/handler.py"))

    needed = {module_file(name) for file in carried | handlers for name in imported(file)}

    assert {file for file in needed if file.is_file()} <= carried
