"""Digests of contracts: what an upgrade of lakeloop must leave as they are."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from lakeloop.compiler.reference import sections
from lakeloop.contract import DatasetContract, Training
from lakeloop.contract.digest import contract_digest, kept, reading_digest, recipe_digest
from lakeloop.training.tuning_job import fingerprint
from tests.data import tiny
from tests.unit.serving.asking import public

DEFAULTS = Path(__file__).with_name("defaults.json")
SIMPLEST = DatasetContract.model_validate(
    {
        "name": "t",
        "problem": "regression",
        "label": "y",
        "columns": [{"name": "y", "type": "float"}, {"name": "x", "type": "float"}],
    }
)


@pytest.mark.parametrize(
    ("contract", "whole", "reading", "recipe"),
    [
        (SIMPLEST, "46ac78c02e0e", "5679e9a5e9bc", "1e2232f0b384"),
        (tiny(), "c01419f63569", "6060a0b493d8", "f908f26e1f19"),
    ],
    ids=["what is left out", "what is written"],
)
def test_digests_of_a_contract_are_those_of_the_release_before(
    contract: DatasetContract, whole: str, reading: str, recipe: str
) -> None:
    """Where one of them changes, an upgrade reads every file again, or trains every model."""
    assert (contract_digest(contract)[:12], reading_digest(contract), recipe_digest(contract)) == (
        whole,
        reading,
        recipe,
    )


def test_a_key_that_a_contract_does_not_use_is_in_none_of_its_digests() -> None:
    said = kept(SIMPLEST).decode() + fingerprint(SIMPLEST, "image")

    assert not [key for key in Training.model_fields if f'"{key}"' in said]


def test_a_default_that_is_written_out_is_none_that_is_left_out() -> None:
    """Contracts are deployed with every default written out."""
    written = DatasetContract.model_validate(SIMPLEST.model_dump(mode="json", exclude_none=True))

    assert kept(written) == kept(SIMPLEST)
    assert DatasetContract.model_validate_json(kept(written)) == SIMPLEST


def test_a_public_column_is_another_contract_of_the_same_reading_and_recipe() -> None:
    assert contract_digest(public("f")) != contract_digest(tiny())
    assert reading_digest(public("f")) == reading_digest(tiny())
    assert recipe_digest(public("f")) == recipe_digest(tiny())


def test_a_default_never_changes() -> None:
    """Models keep their contracts without defaults: another one would judge their requests otherwise.

    New keys are added by `python -m tests.unit.contract.test_digests`.
    """
    recorded = json.loads(DEFAULTS.read_text())

    assert recorded == dict(defaults())


def defaults() -> Iterator[tuple[str, object]]:
    for section in sorted(sections(), key=lambda model: model.__name__):
        for name, field in section.model_fields.items():
            if not field.is_required():
                yield f"{section.__name__}.{name}", plain(field.get_default(call_default_factory=True))


def plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return (
        value.model_dump(mode="json", exclude_defaults=True)
        if isinstance(value, BaseModel)
        else to_jsonable_python(value)
    )


if __name__ == "__main__":
    DEFAULTS.write_text(f"{json.dumps(dict(defaults()), indent=1)}\n")
