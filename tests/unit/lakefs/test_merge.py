"""The three-way merge, by its properties and against its definition path by path."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lakeloop.local.lakefs.entries import Changes, Difference, Entry, same
from lakeloop.local.lakefs.merge import Kind, Strategy, pending, three_way
from tests.unit.lakefs.strategies import contents

Content = dict[str, Entry]


def diff(left: Content, right: Content) -> list[Difference]:
    return [
        Difference(path, left.get(path), right.get(path))
        for path in sorted(left.keys() | right.keys())
        if not same(left.get(path), right.get(path))
    ]


def apply(content: Content, changes: Changes) -> Content:
    result = {**content, **changes}
    return {path: entry for path, entry in result.items() if entry is not None}


def merge(base: Content, source: Content, destination: Content, strategy: Strategy) -> tuple[Content, list[str]]:
    merged = three_way(diff(base, source), diff(base, destination), strategy)
    return apply(destination, merged.changes), merged.conflicts


def expected(base: Entry | None, source: Entry | None, destination: Entry | None, winner: Entry | None) -> Entry | None:
    """What a merge has to make of one path."""
    if same(base, source) or same(source, destination):
        return destination
    return source if same(base, destination) else winner


@given(contents, contents, contents)
def test_every_path_follows_the_side_that_changed_it(base: Content, source: Content, destination: Content) -> None:
    for strategy in Strategy:
        merged, conflicts = merge(base, source, destination, strategy)
        for path in base.keys() | source.keys() | destination.keys():
            winner = source.get(path) if strategy is Strategy.SOURCE_WINS else destination.get(path)
            assert same(merged.get(path), expected(base.get(path), source.get(path), destination.get(path), winner))
        assert strategy is Strategy.NONE or not conflicts


@given(contents, contents, contents)
def test_without_conflict_the_sides_can_be_swapped(base: Content, left: Content, right: Content) -> None:
    one, conflicts = merge(base, left, right, Strategy.NONE)
    other, conflicts_swapped = merge(base, right, left, Strategy.NONE)

    assert conflicts == conflicts_swapped
    if not conflicts:
        assert diff(one, other) == []


@given(contents, contents)
def test_an_unchanged_side_takes_everything_or_nothing(base: Content, changed: Content) -> None:
    assert merge(base, changed, base, Strategy.NONE) == (changed, [])
    assert merge(base, base, changed, Strategy.NONE) == (changed, [])


@given(contents, contents, contents)
def test_a_revert_undoes_exactly_one_change(before: Content, after: Content, head: Content) -> None:
    """Reverting merges the state before with the state after as the base."""
    undone, conflicts = merge(after, before, head, Strategy.NONE)

    if not conflicts:
        redone, _ = merge(before, after, undone, Strategy.NONE)
        assert diff(redone, apply(head, {d.path: d.right for d in diff(before, after)})) == []


@given(contents, contents, contents)
def test_what_is_pending_is_what_the_merge_does(base: Content, left: Content, right: Content) -> None:
    lines = pending(diff(left, right), diff(base, left), diff(base, right))
    _, conflicts = merge(base, right, left, Strategy.NONE)
    merged, _ = merge(base, right, left, Strategy.SOURCE_WINS)

    assert [line.path for line, kind in lines if kind is Kind.CONFLICT] == conflicts
    assert [line.path for line, _ in lines] == [change.path for change in diff(left, merged)]


@given(st.sampled_from(Strategy), contents)
def test_equal_sides_never_conflict(strategy: Strategy, content: Content) -> None:
    assert merge({}, content, content, strategy) == (content, [])
