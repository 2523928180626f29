"""Walking histories: every shape of branching and merging, against the definitions."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.local.lakefs import commits
from lakeloop.local.lakefs.commits import Commit
from lakeloop.local.lakefs.errors import NotFound

History = list[Commit]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Commits in the order they were made, each on one or two earlier ones; clocks stand still or go on."""
    made = [Commit((), "me", "0", 1000, "", generation=1)]
    for number in range(1, draw(st.integers(1, 12))):
        parents = draw(st.lists(st.sampled_from(made), min_size=1, max_size=2, unique_by=lambda commit: commit.id))
        made.append(
            Commit(
                parents=tuple(parent.id for parent in parents),
                committer="me",
                message=str(number),
                creation_date=made[-1].creation_date + draw(st.integers(0, 1)),
                tree="",
                generation=1 + max(parent.generation for parent in parents),
            )
        )
    return made


def ancestors(history: History, commit_id: str) -> set[str]:
    by_id = {commit.id: commit for commit in history}
    found, queue = set[str](), [commit_id]
    while queue:
        current = queue.pop()
        found.add(current)
        queue += by_id[current].parents
    return found


def loader(history: History) -> commits.LoadCommit:
    return {commit.id: commit for commit in history}.__getitem__


@given(histories())
def test_log_has_every_ancestor_once_and_children_first(history: History) -> None:
    head = history[-1]

    log = [commit.id for commit in commits.log(loader(history), head.id)]

    assert sorted(log) == sorted(ancestors(history, head.id))
    position = {commit_id: index for index, commit_id in enumerate(log)}
    by_id = {commit.id: commit for commit in history}
    for child in log:
        assert all(position[child] < position[parent] for parent in by_id[child].parents)


@given(histories())
def test_log_is_newest_first(history: History) -> None:
    dates = [commit.creation_date for commit in commits.log(loader(history), history[-1].id)]

    assert dates == sorted(dates, reverse=True)


@given(histories())
def test_first_parents_are_a_line(history: History) -> None:
    line = list(commits.log(loader(history), history[-1].id, first_parent=True))

    assert all(child.parents[0] == parent.id for child, parent in pairwise(line))
    assert line[-1].parents == ()


@given(histories(), st.data())
def test_the_merge_base_is_a_common_ancestor_below_no_other(history: History, data: st.DataObject) -> None:
    left, right = data.draw(st.sampled_from(history)), data.draw(st.sampled_from(history))

    base = commits.merge_base(loader(history), left.id, right.id)

    common = ancestors(history, left.id) & ancestors(history, right.id)
    assert base.id in common
    assert not any(base.id in ancestors(history, other) for other in common - {base.id})


def test_separate_histories_have_no_merge_base() -> None:
    left, right = Commit((), "me", "l", 1, "", 1), Commit((), "me", "r", 1, "", 1)

    with pytest.raises(NotFound):
        commits.merge_base(loader([left, right]), left.id, right.id)


def test_the_id_is_of_all_a_commit_says() -> None:
    commit = Commit(("p",), "me", "text", 1, "tree", 2, {"k": "v"})

    assert len(commit.id) == 64
    assert Commit(("p",), "me", "text", 1, "tree", 2, {"k": "v"}).id == commit.id
    others = [
        Commit(("q",), "me", "text", 1, "tree", 2, {"k": "v"}),
        Commit(("p",), "you", "text", 1, "tree", 2, {"k": "v"}),
        Commit(("p",), "me", "other", 1, "tree", 2, {"k": "v"}),
        Commit(("p",), "me", "text", 2, "tree", 2, {"k": "v"}),
        Commit(("p",), "me", "text", 1, "other", 2, {"k": "v"}),
        Commit(("p",), "me", "text", 1, "tree", 2, {"k": "w"}),
    ]
    assert len({commit.id, *(other.id for other in others)}) == 7
