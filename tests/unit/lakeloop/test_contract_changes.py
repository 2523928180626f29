"""Which changes of a contract give the numbers on main another meaning."""

from typing import Any

import pytest

from lakeloop.contract import Column, DatasetContract
from lakeloop.contract.changes import MisreadDataError, code_changes, refuse_misreading, refused_changes, split_changes
from lakeloop.contract.digest import recipe_digest
from tests.data import tiny


def columns(**changed: dict[str, object]) -> list[dict[str, object]]:
    """The small contract's columns with other keys."""
    return [{**column.model_dump(), **changed.get(column.name, {})} for column in tiny().columns]


def with_column(**changed: dict[str, object]) -> DatasetContract:
    return tiny(columns=columns(**changed))


def in_order(*names: str) -> DatasetContract:
    by_name: dict[object, dict[str, object]] = {column["name"]: column for column in columns()}
    new = Column(name="new", type="float", description="new", nullable=True).model_dump()
    return tiny(columns=[by_name.get(name, new) for name in names])


PLACE = "a value's number is its place in the list"
CLASS = "a class's number is its place among the classes, the positive one last"
SPLIT = "rows on main would stand in another split than the same rows dropped again"

FRACTIONS = {"fractions": {"train": 0.6, "validation": 0.2, "test": 0.2}}

SHIFTING: dict[str, tuple[DatasetContract, list[str]]] = {
    "value at the head": (
        with_column(c={"allowed": ("x", "a", "b")}),
        [f"columns.c.allowed: was a at place 1, is x at place 1; {PLACE}"],
    ),
    "value in between": (
        with_column(c={"allowed": ("a", "x", "b")}),
        [f"columns.c.allowed: was b at place 2, is x at place 2; {PLACE}"],
    ),
    "value gone": (
        with_column(c={"allowed": ("a",)}),
        [f"columns.c.allowed: was b at place 2, is nothing at place 2; {PLACE}"],
    ),
    "values sorted": (
        with_column(c={"allowed": ("b", "a")}),
        [f"columns.c.allowed: was a at place 1, is b at place 1; {PLACE}"],
    ),
    "positive class": (
        tiny(positive_class="no"),
        [f"label: was no at place 1, is yes at place 1; {CLASS}"],
    ),
    "class renamed": (
        tiny(columns=columns(y={"allowed": ("yes", "never")})),
        [f"label: was no at place 1, is never at place 1; {CLASS}"],
    ),
    "type": (
        with_column(t={"type": "integer"}),
        ["columns.t.type: was boolean, is integer; its values on main are numbers of the old type"],
    ),
    "new feature": (
        in_order("id", "y", "f", "i", "c", "t", "new"),
        ["columns.new: was nothing, is a feature; features on main do not have it"],
    ),
    "feature gone": (
        in_order("id", "y", "f", "i", "c"),
        ["columns.t: was a feature, is nothing; features on main have it"],
    ),
    "features in another order": (
        in_order("id", "y", "i", "f", "c", "t"),
        ["columns: was f first, is i first; features are told apart by their order"],
    ),
    "features of which the later comes first": (
        in_order("id", "y", "f", "c", "i", "t"),
        ["columns: was i first, is c first; features are told apart by their order"],
    ),
    "splits": (
        tiny(splits={"train": 0.8, "validation": 0.1, "test": 0.1}),
        [f"splits: was 0.6/0.2/0.2, is 0.8/0.1/0.1; {SPLIT}"],
    ),
    "seed": (tiny(splits={**FRACTIONS, "seed": 3}), [f"splits.seed: was 0, is 3; {SPLIT}"]),
    "group": (
        tiny(splits={**FRACTIONS, "by": ["id"]}),
        [f"splits.by: was the key, is id; {SPLIT}"],
    ),
    "one column a value": (
        with_column(c={"encode": "onehot"}),
        ["columns.c.encode: was ordinal, is onehot; features are other numbers on main"],
    ),
    "derived feature": (
        tiny(derive=[{"name": "half", "expression": "f / 2"}]),
        ["derive: was nothing, is half: f / 2; rows on main have other features"],
    ),
    "problem": (
        tiny(
            problem="multiclass",
            positive_class=None,
            training={**tiny().training.model_dump(), "metric": "merror"},
        ),
        ["problem: was binary, is multiclass; the label on main is a number for the old problem"],
    ),
}

HARMLESS = {
    "nothing": tiny(),
    "value at the end": with_column(c={"allowed": ("a", "b", "x")}),
    "order of a binary label's values": with_column(y={"allowed": ("no", "yes")}),
    "key and label elsewhere": in_order("f", "i", "id", "c", "t", "y"),
    "whole numbers become numbers": with_column(i={"type": "float"}),
    "limits": with_column(f={"max": 5.0}),
    "nullable": with_column(f={"nullable": True}),
    "words": tiny(description="Another"),
    "training": tiny(retrain={"min_new_rows": 7}),
}


@pytest.mark.parametrize(("new", "said"), SHIFTING.values(), ids=SHIFTING)
def test_a_change_that_shifts_numbers_is_told_with_its_reason(new: DatasetContract, said: list[str]) -> None:
    assert [str(change) for change in code_changes(tiny(), new)] == said


@pytest.mark.parametrize("new", HARMLESS.values(), ids=HARMLESS)
def test_a_change_that_shifts_nothing_is_none(new: DatasetContract) -> None:
    assert code_changes(tiny(), new) == []


CROSSED = [
    {"name": "both", "expression": "cross(c, d)"},
    {"name": "long", "expression": "length(id)"},
    {"name": "day", "expression": "day(seen)"},
]


def rich(**changed: dict[str, object]) -> DatasetContract:
    """A contract with derived features, flags and times."""
    more: list[dict[str, object]] = [
        {"name": "d", "type": "category", "allowed": ("p", "q")},
        {"name": "flags", "type": "category", "allowed": ("u", "v"), "encode": "onehot"},
        {"name": "open", "type": "category", "allowed": ("m", "n"), "unlisted": "other"},
        {"name": "seen", "type": "timestamp", "timezone": "UTC", "feature": True},
    ]
    added = [{**column, **changed.get(str(column["name"]), {})} for column in more]
    return tiny(columns=[*columns(**changed), *added], derive=changed.get("derive", CROSSED))


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"flags": {"allowed": ("u", "v", "w")}}, "columns.flags.allowed"),
        ({"flags": {"unlisted": "other"}}, "columns.flags.unlisted"),
        ({"c": {"allowed": ("a", "b", "x")}}, "columns.c.allowed"),
        ({"open": {"allowed": ("m", "n", "o")}}, "columns.open.allowed"),
        ({"open": {"unlisted": "missing"}}, "columns.open.unlisted"),
        ({"d": {"allowed": ("p", "q", "x")}}, "columns.d.allowed"),
        ({"seen": {"timezone": "Europe/Berlin"}}, "columns.seen.timezone"),
        ({"f": {"feature": False}}, "columns.f"),
        ({"derive": CROSSED[:2]}, "derive"),
    ],
)
def test_what_makes_other_features_is_told(changed: dict[str, Any], path: str) -> None:
    assert [change.path for change in code_changes(rich(), rich(**changed))] == [path]


ALL = [*(contract for contract, _ in SHIFTING.values()), *HARMLESS.values(), rich(), rich(c={"unlisted": "other"})]
ALL += [rich(open={"allowed": allowed}) for allowed in (("m", "n", "o"), ("n", "m"))]


@pytest.mark.parametrize("old", ALL)
def test_data_that_reads_the_same_lies_in_the_folder_that_training_reads(old: DatasetContract) -> None:
    for new in ALL:
        assert code_changes(old, new) or recipe_digest(old) == recipe_digest(new)


UNTIL = {"column": "f", "until": {"train": "1", "validation": "2"}}


@pytest.mark.parametrize(
    ("old", "new", "said", "remade"),
    [
        (
            UNTIL,
            {**UNTIL, "until": {"train": "2", "validation": "3"}, "gap": 1},
            "splits.by.until: was 1 and 2, is 2 and 3, gap 1.0; advance_splits moves rows on main",
            True,
        ),
        (
            UNTIL,
            {**UNTIL, "column": "i"},
            'splits.by: was {"column":"f","until":{"train":"1","validation":"2"}}, '
            f'is {{"column":"i","until":{{"train":"1","validation":"2"}}}}; {SPLIT}',
            False,
        ),
        (
            {"column": "f", "every": 1},
            UNTIL,
            'splits.by: was {"column":"f","every":1.0}, '
            f'is {{"column":"f","until":{{"train":"1","validation":"2"}}}}; {SPLIT}',
            False,
        ),
        (
            UNTIL,
            "values",
            f'splits.by: was {{"column":"f","until":{{"train":"1","validation":"2"}}}}, is values; {SPLIT}',
            False,
        ),
        (
            ["c", "t"],
            UNTIL,
            f'splits.by: was c, t, is {{"column":"f","until":{{"train":"1","validation":"2"}}}}; {SPLIT}',
            False,
        ),
    ],
)
def test_borders_that_move_are_made_anew_and_other_groups_are_not(
    old: object, new: object, said: str, *, remade: bool
) -> None:
    (change,) = split_changes(tiny(splits={"by": old}), tiny(splits={"by": new}))

    assert (str(change), change.remade) == (said, remade)


def test_another_key_another_label_and_another_split_are_each_told() -> None:
    old = in_order("id", "y", "f", "i", "c", "t")
    new = old.model_copy(update={"row_key": ("f",), "label": "c"})

    assert [change.path for change in code_changes(old, new)] == [
        "columns.f",
        "columns.c",
        "columns.y",
        "label",
        "row_key",
    ]


def test_a_value_may_be_called_nothing() -> None:
    old, new = (with_column(c={"allowed": allowed}) for allowed in (("a", "nothing"), ("a",)))

    assert [change.path for change in code_changes(old, new)] == ["columns.c.allowed"]


def test_contracts_that_misread_data_are_refused_with_every_change() -> None:
    old = {"a": tiny(name="a"), "b": tiny(name="b"), "empty": tiny(name="empty")}
    new = dict.fromkeys((*old, "new"), tiny(label="c", positive_class="a", delivery="snapshot"))

    with pytest.raises(MisreadDataError) as refused:
        refuse_misreading(old, new, lambda dataset: dataset != "empty")

    label = "label: was y, is c; the label on main is the old column"
    delivery = "delivery: was append, is snapshot; rows on main lie as the old delivery puts them"
    assert str(refused.value).splitlines() == [
        "the data on main would mean something else under the changed contract:",
        *(f"  {name}.yaml: {why}" for name in "ab" for why in (label, delivery)),
    ]


def test_under_upsert_another_number_type_would_change_rows_that_are_written_anew() -> None:
    old, new = tiny(delivery="upsert"), with_column(f={"type": "integer"}).model_copy(update={"delivery": "upsert"})

    assert [str(change) for change in refused_changes(old, new)] == [
        "columns.f.type: was float, is integer; rows on main have the old type"
    ]


def test_another_type_of_a_column_that_is_no_feature_is_refused() -> None:
    assert [change.path for change in refused_changes(tiny(), with_column(id={"type": "date"}))] == ["columns.id.type"]


def test_what_is_made_anew_from_the_rows_is_not_refused() -> None:
    columns = with_column(c={"allowed": ("b", "a"), "encode": "onehot"}, t={"feature": False}, f={"type": "integer"})
    new = columns.model_copy(update={"positive_class": "no"})

    assert code_changes(tiny(), new)
    refuse_misreading({"tiny": tiny()}, {"tiny": new}, lambda _: True)


def test_nobody_asks_for_data_where_nothing_shifts() -> None:
    def asked(_dataset: str) -> bool:
        raise AssertionError

    refuse_misreading({"tiny": tiny()}, {"tiny": tiny(description="Another")}, asked)
