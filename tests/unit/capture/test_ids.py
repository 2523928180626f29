"""Ids say when a prediction was made and whether it is kept, to whoever knows the dataset."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.capture import ids

SCOPE = ids.scope("lakeloop-dev", "iris")


@given(st.integers(1_577_836_800_000, 7_258_118_400_000), st.booleans())
def test_an_id_says_what_it_was_made_of(milliseconds: int, kept: bool) -> None:

    made = ids.make(SCOPE, kept=kept, milliseconds=milliseconds)

    found = ids.read(SCOPE, made)
    assert found is not None
    assert found.kept == kept
    assert found.at == datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
    assert (UUID(made).version, str(UUID(made))) == (8, made)


def test_no_two_are_the_same() -> None:
    assert len({ids.make(SCOPE, kept=True, milliseconds=0) for _ in range(2000)}) == 2000


@pytest.mark.parametrize(
    "other", [ids.scope("lakeloop-dev", "wine"), ids.scope("lakeloop-prod", "iris")], ids=["dataset", "environment"]
)
def test_an_id_of_another_says_nothing(other: str) -> None:
    assert ids.read(other, ids.make(SCOPE, kept=True)) is None


def test_an_id_with_a_letter_changed_says_nothing() -> None:
    made = ids.make(SCOPE, kept=True)
    changed = made[:-1] + ("0" if made[-1] != "0" else "1")

    assert ids.read(SCOPE, changed) is None
    assert ids.is_ours(changed)


@pytest.mark.parametrize("own", ["order-17", "", "8" * 64, "0199f3a2-6c00-4b21-a5c3-3a8e5f0c9d17"])
def test_a_callers_own_id_says_nothing(own: str) -> None:
    assert not ids.is_ours(own)
    assert ids.read(SCOPE, own) is None


@pytest.mark.parametrize("fraction", [0.01, 0.25, 0.9])
def test_of_callers_own_ids_the_share_is_kept_and_the_same_ones_again(fraction: float) -> None:
    own = [f"order-{number}" for number in range(4000)]

    kept = [id_ for id_ in own if ids.is_sampled(id_, fraction)]

    assert abs(len(kept) / len(own) - fraction) < 0.03
    assert kept == [id_ for id_ in own if ids.is_sampled(id_, fraction)]


def test_of_callers_own_ids_all_or_none_are_kept_where_the_share_is_1_or_0() -> None:
    own = [f"order-{number}" for number in range(100)]

    assert all(ids.is_sampled(id_, 1.0) for id_ in own)
    assert not any(ids.is_sampled(id_, 0.0) for id_ in own)
