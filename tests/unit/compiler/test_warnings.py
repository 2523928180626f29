"""What is right and hardly meant."""

import pytest

from lakeloop.compiler.warnings import NOT_ALL_PUBLIC, warned
from tests.unit.serving.asking import public


@pytest.mark.parametrize(
    ("columns", "told"), [((), []), (("f", "i"), ["f", "i"]), (("f", "i", "c", "t"), []), (("id",), [])]
)
def test_public_features_beside_others_are_told_to_let_nobody_ask(columns: tuple[str, ...], told: list[str]) -> None:
    found = list(warned(public(*columns)))

    assert found == [(("columns", name, "public"), NOT_ALL_PUBLIC) for name in told]
