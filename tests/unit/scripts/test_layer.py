"""What lies in the layer of the functions."""

import ast
from pathlib import Path

from lakeloop import project
from lakeloop.scripts.build import domain_modules


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
