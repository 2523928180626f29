"""The folder that MLflow loads a model from: the booster, the contract it was trained with, and a copy of our code.

https://mlflow.org/docs/latest/ml/model/#storage-format
"""

import ast
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import lakeloop
from lakeloop.contract import Column, DatasetContract
from lakeloop.contract.digest import kept
from lakeloop.tracking.model import BOOSTER, CONTRACT, PROBABILITY
from lakeloop.values.codes import asked_columns

PACKAGE = Path(lakeloop.__file__).parent
LOADER = "lakeloop.tracking.model"
CODE = "code"
DATA = "data"
# What the loader imports beside the standard library; the booster is of XGBoost 3.0.
REQUIREMENTS = ("mlflow>=3,<4", "numpy", "pandas>=2,<4", "pydantic>=2.14,<3", "xgboost>=3.0,<4")
PYTHON = "3.11"
OURS = re.compile(r"^(\s*(?:from|import) )lakeloop\b", re.MULTILINE)
# A missing whole number makes a column of doubles in pandas.
TYPES = {"integer": "long", "float": "double", "boolean": "boolean", "date": "datetime", "timestamp": "datetime"}


def packed(contract: DatasetContract, booster: bytes) -> dict[str, bytes]:
    """The files of the folder; the same model gives the same bytes."""
    package, code = our_code()
    return {
        "MLmodel": _document(_described(contract, package, len(booster))),
        "requirements.txt": "".join(f"{requirement}\n" for requirement in REQUIREMENTS).encode(),
        "python_env.yaml": _document({"python": PYTHON, "dependencies": ["-r requirements.txt"]}),
        f"{DATA}/{CONTRACT}": kept(contract),
        f"{DATA}/{BOOSTER}": booster,
        **{f"{CODE}/{package}/{path}": text.encode() for path, text in code.items()},
    }


def our_code() -> tuple[str, dict[str, str]]:
    """A package with what the loader needs, by path.

    Its name says what is in it, so that models of several releases are loaded side by side, and beside lakeloop itself.
    """
    sources = {path: "" if path == "__init__.py" else (PACKAGE / path).read_text() for path in sorted(_needed())}
    digest = hashlib.sha256(json.dumps(sources).encode()).hexdigest()[:8]
    package = f"lakeloop_model_{digest}"
    return package, {path: OURS.sub(rf"\1{package}", source) for path, source in sources.items()}


def signature(contract: DatasetContract) -> dict[str, str]:
    """What the model takes and answers, in MLflow's words."""
    taken = [_input(column) for column in asked_columns(contract)]
    classes = contract.classes
    answered = [{"type": "string" if classes else "double", "name": "prediction", "required": True}]
    numbers = ["confidence", *(f"{PROBABILITY}{name}" for name in classes)] if classes else []
    answered += [{"type": "double", "name": name, "required": True} for name in numbers]
    return {"inputs": json.dumps(taken), "outputs": json.dumps(answered)}


def _input(column: Column) -> dict[str, object]:
    kind = TYPES.get(column.type, "string")
    if kind == "long" and column.nullable:
        kind = "double"
    return {"type": kind, "name": column.name, "required": not column.nullable}


def _described(contract: DatasetContract, package: str, size: int) -> Mapping[str, object]:
    return {
        "flavors": {
            "python_function": {
                "loader_module": LOADER.replace("lakeloop", package, 1),
                "code": CODE,
                "data": DATA,
                "env": {"virtualenv": "python_env.yaml"},
                "python_version": PYTHON,
            }
        },
        "model_size_bytes": size,
        "signature": signature(contract),
    }


def _document(content: Mapping[str, object]) -> bytes:
    """YAML, of which JSON is a part."""
    return json.dumps(content, indent=1).encode() + b"\n"


def _needed() -> set[str]:
    """The paths of the modules that the loader imports, and those import, and so on."""
    found: set[str] = set()
    ahead = [LOADER]
    while ahead:
        path = _path(ahead.pop())
        if path and path not in found:
            found.add(path)
            ahead.extend(_imports(PACKAGE / path))
    return found


def _imports(file: Path) -> Iterator[str]:
    if file == PACKAGE / "__init__.py":
        return
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "lakeloop":
            parts = node.module.split(".")
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _path(module: str) -> str | None:
    """Of a module below the package; None of a name that is no module."""
    place = module.replace(".", "/").removeprefix("lakeloop").lstrip("/")
    candidates = (f"{place}/__init__.py" if place else "__init__.py", f"{place}.py")
    return next((path for path in candidates if (PACKAGE / path).is_file()), None)
