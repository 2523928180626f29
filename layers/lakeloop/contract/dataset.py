"""A whole contract, and how its sections fit together."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from lakeloop.contract import rules
from lakeloop.contract.base import Broken, ContractModel, Fraction, Texts
from lakeloop.contract.capture import Capturing
from lakeloop.contract.columns import NO_FEATURES, TRUTHS, Column, ColumnName
from lakeloop.contract.derive import Derived
from lakeloop.contract.file import FileFormat
from lakeloop.contract.gate import Delivery, DeliveryUnit, OnDelete, Quality, Repeats
from lakeloop.contract.monitor import Monitor
from lakeloop.contract.promotion import Promotion
from lakeloop.contract.rules import METRICS_OF_PROBLEM, Problem
from lakeloop.contract.serving import Serving
from lakeloop.contract.splits import Splits, SplitsSection
from lakeloop.contract.tracking import Tracking
from lakeloop.contract.training import Metric, Retrain, Training

DatasetName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="a name of at most 40 lower-case letters, digits and underscores, a letter first",
    ),
]

# CloudWatch: an alarm whose periods are an hour or longer looks back at most seven days.
Silence = Annotated[
    str,
    Field(
        pattern=r"^([1-9]|[1-9][0-9]|1[0-5][0-9]|16[0-8])h$|^[1-7]d$",
        description="1h to 168h or 1d to 7d, an alarm looks back a week at most",
    ),
]


class DatasetContract(ContractModel):
    """One dataset: what its files hold, what is learned from them and how it is served.

    Without `problem` it is judged and versioned only.
    """

    name: DatasetName
    """The file's name without .yaml."""
    description: str = ""
    """For people."""
    problem: Problem | None = None
    """What is learned; left out, rows are judged and kept only."""
    label: str | None = None
    """The column that is learned. It may be nullable: rows without one are in rows/ and not in features/."""
    positive_class: str | None = None
    """Of a binary label: the class that a probability is for; `true` or `false` of a boolean."""
    weight: ColumnName | None = None
    """A column of numbers above 0, no feature: the row stands for so many. Kept in rows/; training counts each row
    once, since the built-in XGBoost takes weights with CSV alone."""
    file: FileFormat = FileFormat()
    """How dropped files look; left out for a plain CSV."""
    row_key: Texts = ()
    """Left out, a row's key is the digest of its values."""
    repeats: Repeats | None = None
    """Left out: reject with a row key, keep without one."""
    delivery: Delivery = "append"
    """What a file does to the rows on main: it adds to them, replaces those of its keys, or replaces all."""
    delivery_unit: DeliveryUnit = "file"
    """What is one delivery. The files of a `folder` wait until a _SUCCESS lies in it and then come to main together."""
    newest: ColumnName | None = None
    """The column that tells the newest row of a key under upsert; left out, the time at which the file landed."""
    min_kept_fraction: Fraction = 0.5
    """A snapshot that keeps fewer of the rows before is refused."""
    on_delete: OnDelete = "keep"
    """Whether the rows of a file that is deleted in S3 stay on main, or go within the hour; a commit says so."""
    splits: SplitsSection = Splits()
    """Which rows are learned from, which choose the model and which judge it."""
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns of a file, in the order of files without a header."""
    derive: tuple[Derived, ...] = ()
    """Features that are computed from the columns of the same row."""
    quality: Quality = Quality()
    """Limits for a whole file."""
    training: Training = Training()
    """How a model is tuned."""
    retrain: Retrain = Retrain()
    """When new data starts tuning."""
    promotion: Promotion = Promotion()
    """When a new model may take the place of the one that serves."""
    monitor: Monitor = Monitor()
    """When drift of what is predicted, and decay of the answers, are told and trained for."""
    serving: Serving = Serving()
    """What a model is served on; left out, a serverless endpoint."""
    tracking: Tracking = "mlflow"
    """Which tracker shows trials, evaluations and versions: the environment's MLflow server, Weights & Biases by
    `lakeloop experiments sync`, both, or none."""
    capture: Capturing = Capturing()
    """What is kept of answered predictions, for labels that come later."""
    expect_every: Silence | None = None
    """An alarm tells when no file was taken for so long."""

    @property
    def task(self) -> Problem:
        """The problem of a dataset that is trained."""
        if self.problem is None:
            raise ValueError(f"{self.name} has no problem to learn")
        return self.problem

    @property
    def kept(self) -> tuple[Column, ...]:
        """The columns of `rows/`: all that are not skipped."""
        return tuple(column for column in self.columns if column.type != "skip")

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns that are inputs of the model, in the order of the contract; derived ones follow them."""
        return tuple(column for column in self.columns if self._is_feature(column))

    def _is_feature(self, column: Column) -> bool:
        if column.type == "skip" or column.name == self.label:
            return False
        if column.feature is not None:
            return column.feature
        no_features = {*self.row_key, *self.splits.columns, self.weight}
        return column.type not in NO_FEATURES and column.name not in no_features and not column.sensitive

    @property
    def sensitive(self) -> frozenset[str]:
        """The names of the columns of whose cells nothing is told."""
        return frozenset(column.name for column in self.columns if column.sensitive)

    @property
    def label_column(self) -> Column:
        if self.label is None:
            raise ValueError(f"{self.name} has no label")
        return self.column(self.label)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their codes, none for regression; the positive class has code 1."""
        if self.problem in (None, "regression"):
            return ()
        values = self.label_column.allowed if self.label_column.type == "category" else TRUTHS
        return tuple(sorted(values, key=lambda value: value == self.positive_class))

    @property
    def metric(self) -> Metric:
        """What the model is chosen by."""
        return self.training.metric or METRICS_OF_PROBLEM[self.task][0]

    @property
    def repeated(self) -> Repeats:
        """What becomes of a key that stands in a file again."""
        return self.repeats or ("reject" if self.row_key else "keep")

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def broken_rules(self) -> Iterator[Broken]:
        return rules.broken(
            rules.Draft(
                problem=self.problem,
                row_key=self.row_key,
                label=self.label,
                positive_class=self.positive_class,
                metrics={"training": self.training.metric, "promotion": self.promotion.metric},
                names=tuple(column.name for column in self.columns),
                columns={column.name: column for column in self.columns},
            )
        )
