"""The columns of a landed file."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from lakeloop.contract.base import Broken, ContractModel, Fraction, Texts

ColumnType = Literal["float", "integer", "boolean", "category", "string", "date", "timestamp", "skip"]
NUMERIC = ("float", "integer")
MOMENTS = ("date", "timestamp")
TRUTHS = ("false", "true")
"""The classes of a boolean label, in the order of their numbers."""
NO_FEATURES = ("string", "date", "timestamp", "skip")
"""Types whose columns are features only where the contract says so, or never."""

ColumnName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,62}$",
        description="a name of at most 63 lower-case letters, digits and underscores, a letter first",
    ),
]


class ListFile(ContractModel):
    """A file beside the contract, one value a line, that is read when the contract is compiled."""

    file: str
    """Its name, below the contract's folder."""


Listed = Annotated[
    tuple[str, ...],
    # The compiler puts the values in the place of the file before the contract is validated.
    BeforeValidator(lambda value: value, json_schema_input_type=list[str] | ListFile),
]


class Column(ContractModel):
    """One column of the landed file, and how its text is read."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    name: ColumnName
    """What it is called everywhere behind the gate."""
    header: Texts | None = None
    """What it is called in files, in one or several spellings; "" is a column without a name."""
    type: ColumnType
    """What its values are; `skip`: the column is left out."""
    description: str = ""
    """For people."""
    nullable: bool = False
    """Whether it may be empty."""
    na_values: Texts | None = None
    """Replace the file's words for no value: in a numeric column compared by value, else by text."""
    min: float | None = None
    """The least number."""
    max: float | None = None
    """The largest number."""
    pattern: str | None = None
    """Regular expression that the whole text must match."""
    prefix: Texts = ()
    """Must stand before a number, unless the list holds ""."""
    suffix: Texts = ()
    """Must stand behind a number, unless the list holds \"\"."""
    negative: tuple[Literal["brackets", "trailing"], ...] = ()
    """Ways to write a negative number beside a minus in front."""
    decimal: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """Replaces the file's."""
    thousands: Texts | None = None
    """Replaces the file's."""
    leading_zeros: bool = False
    """Whether 007 is 7; else it is refused, as a code that is no number."""
    format: str | None = None
    """Of a date or timestamp, in strptime's letters; `iso` or left out: ISO 8601."""
    timezone: str | None = None
    """Of local times, such as Europe/Berlin; left out, UTC."""
    century: Annotated[int, Field(ge=0, le=9900)] | None = None
    """First year of the hundred that %y means."""
    from_: Annotated[tuple[str, ...], Field(alias="from")] = ()
    """Headers of several columns whose cells make this one, joined by a space."""
    true_values: Texts = ()
    """Words for true; they replace true and 1."""
    false_values: Texts = ()
    """Words for false; they replace false and 0."""
    allowed: Listed = ()
    """Its values, or a file beside the contract with one a line."""
    aliases: dict[str, Texts] = Field(default_factory=dict)
    """Other spellings by the listed value that they mean."""
    ignore_case: bool = False
    """Whether Card is card."""
    unlisted: Literal["reject", "missing", "other"] = "reject"
    """What becomes of a value that is not listed: it costs the row, is read as nothing, or kept as it is."""
    feature: bool | None = None
    """Whether the model gets it. Left out: not a string, date, timestamp, key, weight, sensitive or what decides the
    split."""
    encode: Literal["ordinal", "onehot"] = "ordinal"
    """A category as one number, its place in `allowed`, or as a flag for each value."""
    max_null_fraction: Fraction | None = None
    """A file in which more of its rows lack it is set aside whole."""
    sensitive: bool = False
    """Whether nothing of its cells is told: in no reason, log or listing. It is no feature unless `feature: true`."""
    public: bool = False
    """Whether its values may stand in an address: predictions of a dataset whose features are all public can be asked
    for with GET, without a key."""

    def broken_rules(self) -> Iterator[Broken]:
        if self.type == "category" and not self.allowed:
            yield Broken(("allowed",), "the values of the category", "nothing")
        if self.type != "category" and self.allowed:
            yield Broken(("allowed",), f"no values for a column of type {self.type}", ", ".join(self.allowed[:3]))
        for value in sorted(value for value, times in Counter(self.allowed).items() if times > 1):
            yield Broken(("allowed",), "each value once", f"{value} twice")
        for key, limit in (("min", self.min), ("max", self.max)):
            if limit is not None and self.type not in NUMERIC:
                yield Broken((key,), f"no limit for a column of type {self.type}", f"{limit:.15g}")
        if self.min is not None and self.max is not None and self.min > self.max:
            yield Broken(("min",), f"at most max, which is {self.max:.15g}", f"{self.min:.15g}")
        if self.public and self.sensitive:
            yield Broken(("public",), "either public or sensitive", "both")
