"""Every key of the contract language: what it takes, its default, and what it means, from the models themselves."""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, get_args

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from lakeloop.compiler.expected import expectation
from lakeloop.compiler.problems import Path
from lakeloop.contract import DatasetContract

ANY_NAME = "eta"
"""Stands for the names that whoever writes a contract chooses, at the path of an expectation."""


@dataclass(frozen=True)
class Key:
    """`path` has no positions: `columns.header`. `section` is true of one that holds others."""

    path: str
    takes: str
    default: str
    meaning: str
    section: bool


@cache
def keys() -> tuple[Key, ...]:
    """All keys, each section followed by what is in it."""
    return tuple(_keys(DatasetContract, (), ""))


@cache
def meanings(model: type[BaseModel]) -> dict[str, str]:
    """The texts below the fields of a model, by field, in one line each."""
    [body] = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    found = {}
    for field, text in pairwise(getattr(body, "body", [])):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                found[name] = " ".join(said.split())
            case _:
                pass
    return found


@cache
def sections(model: type[BaseModel] = DatasetContract) -> frozenset[type[BaseModel]]:
    """A model and all that may stand in it."""
    inner = (section for field in model.model_fields.values() for section in models_in(field))
    return frozenset({model}.union(*map(sections, inner)))


def models_in(field: FieldInfo) -> list[type[BaseModel]]:
    """The sections that may stand at a field, those only its short form has among them."""
    own = list(_models(field.annotation))
    within = {inner for model in own for part in model.model_fields.values() for inner in _models(part.annotation)}
    written = (part.json_schema_input_type for part in field.metadata if isinstance(part, BeforeValidator))
    return own + [model for kind in written for model in _models(kind) if model not in {*own, *within}]


def _models(kind: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 any annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from _models(part)


def _keys(model: type[BaseModel], path: Path, named: str) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        place, full = (*path, key), f"{named}.{key}".removeprefix(".")
        inner = models_in(field)
        yield Key(full, expectation(place), _default(field), meanings(model).get(name, ""), bool(inner))
        for section in inner:
            yield from _keys(section, (*place, *_step(field)), f"{full}{'.NAME' if _is_mapping(field) else ''}")


def _is_mapping(field: FieldInfo) -> bool:
    return getattr(field.annotation, "__origin__", None) is dict


def _step(field: FieldInfo) -> Path:
    """From a list or a mapping of sections to one of them."""
    if _is_mapping(field):
        return (ANY_NAME,)
    parts = get_args(field.annotation)
    return (0,) if len(parts) == 2 and parts[1] is Ellipsis and list(_models(parts[0])) else ()


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value in (None, (), "") or value == {} or isinstance(value, BaseModel | dict):
        return ""
    return json.dumps(value) if isinstance(value, bool | str) else f"{value:.15g}"
