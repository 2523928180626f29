"""Names and reference expressions."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.local.lakefs import refs
from lakeloop.local.lakefs.errors import BadRequest
from lakeloop.local.lakefs.refs import RefExpression

_names = st.from_regex(r"\A[A-Za-z0-9_][-.A-Za-z0-9_]{0,20}\Z")
_steps = st.lists(st.tuples(st.sampled_from("~^"), st.integers(0, 999)), max_size=5)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("main", RefExpression("main", (), committed=False)),
        ("main@", RefExpression("main", (), committed=True)),
        ("main~", RefExpression("main", (("~", 1),), committed=False)),
        ("main~2", RefExpression("main", (("~", 2),), committed=False)),
        ("v1.0^2~3", RefExpression("v1.0", (("^", 2), ("~", 3)), committed=False)),
        ("main@~1", RefExpression("main", (("~", 1),), committed=True)),
    ],
)
def test_expressions(text: str, expression: RefExpression) -> None:
    assert refs.parse(text) == expression


@given(_names, _steps)
def test_any_expression_is_read_back(name: str, steps: list[tuple[str, int]]) -> None:
    text = name + "".join(f"{mark}{number}" for mark, number in steps)

    assert refs.parse(text) == RefExpression(name, tuple(steps), committed=False)


@pytest.mark.parametrize(
    "text", ["", "~1", "^", "@", "main~1@", "main@@", "main~x", "main~" + "9" * 5000, "two words", "main$", "a:b"]
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(BadRequest):
        refs.parse(text)


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    with contextlib.suppress(BadRequest):
        refs.parse(text)


@pytest.mark.parametrize("name", ["main", "ingest-0a1b", "_x", "9"])
def test_branch_names(name: str) -> None:
    refs.check_branch_name(name)


@pytest.mark.parametrize("name", ["", "-x", "a/b", "a.b", "a b", "ü", "a\n"])
def test_bad_branch_names(name: str) -> None:
    with pytest.raises(BadRequest):
        refs.check_branch_name(name)


@pytest.mark.parametrize("name", ["v1.0", "good-2024-01-31", "a_b"])
def test_tag_names(name: str) -> None:
    refs.check_tag_name(name)


@pytest.mark.parametrize("name", ["", "@", "a/b", "a..b", "a.", "a.lock", "a b", "a~1", "a^", "a:b", "a\n"])
def test_bad_tag_names(name: str) -> None:
    with pytest.raises(BadRequest):
        refs.check_tag_name(name)


@pytest.mark.parametrize("name", ["abc", "a-b-c", "0" * 63])
def test_repository_names(name: str) -> None:
    refs.check_repository_name(name)


@pytest.mark.parametrize("name", ["ab", "0" * 64, "Abc", "a_bc", "-abc", "abc\n"])
def test_bad_repository_names(name: str) -> None:
    with pytest.raises(BadRequest):
        refs.check_repository_name(name)


def test_protection_patterns() -> None:
    assert refs.is_protected("main", ["main"])
    assert refs.is_protected("stable-2", ["x", "stable*"])
    assert not refs.is_protected("mainline", ["main", "?"])
