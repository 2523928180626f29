"""A contract as a table of its columns, with a request that its model would take."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from lakeloop.cli import invocation
from lakeloop.cli.views.layout import counted, visible
from lakeloop.client.predictions import Feature
from lakeloop.client.sample import sample_features
from lakeloop.compiler.explained import ExplainedColumn, ExplainedFeature, explained_columns, explained_features
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.contract.splits import Blocks


@dataclass(frozen=True)
class Explained:
    """All that is told of one contract; `request` is the body of an example, none where nothing is learned."""

    name: str
    problem: str | None
    label: str | None
    row_key: Sequence[str]
    splits: str
    columns: Sequence[ExplainedColumn]
    derived: Sequence[ExplainedFeature]
    recipe: str | None
    """The folder of its features below features/."""
    request: Mapping[str, Mapping[str, Feature]] | None


def explained(contract: DatasetContract) -> Explained:
    """A judged contract in the words of this page."""
    learned = contract.problem is not None
    return Explained(
        contract.name,
        contract.problem,
        contract.label,
        contract.row_key,
        splits_in_words(contract),
        explained_columns(contract),
        explained_features(contract),
        recipe_digest(contract) if learned else None,
        {"features": sample_features(contract)} if learned else None,
    )


def splits_in_words(contract: DatasetContract) -> str:
    by, parts = contract.splits.by, contract.splits.fractions
    shares = f"{parts.train:.0%}, {parts.validation:.0%} and {parts.test:.0%}"
    match by:
        case Blocks(until=until, column=column) if until is not None:
            return f"by {column}: train before {until.train}, validation before {until.validation}, then test"
        case Blocks(every=every, column=column):
            return f"{shares}, whole blocks of {every} of {column} together"
        case None:
            return f"{shares}, by the key" if contract.row_key else f"{shares}, equal rows together"
        case "values":
            return f"{shares}, rows of equal values together"
        case names:
            return f"{shares}, rows of one {' and '.join(names)} together"


def screen(told: Explained, description: str) -> Iterator[RenderableType]:
    """The whole screen, piece by piece, for 80 columns."""
    if description:
        yield Text(f"{told.name}: {visible(description)}")
    yield facts(told)
    yield columns_table(told.columns)
    if told.derived:
        yield derived_table(told.derived)
    if told.request is not None:
        yield Text(f"A request, once a model is served (`{invocation.command()} api {told.name}` has the URL):")
        yield Text(curl(told.name, told.request))


def facts(told: Explained) -> Table:
    view = Table.grid(padding=(0, 2, 0, 0))
    view.add_row("learns", f"{told.label}, {told.problem}" if told.problem else "nothing: rows are judged and kept")
    view.add_row("key", " and ".join(told.row_key) or "none: a row is its values")
    view.add_row("splits", told.splits)
    if told.recipe:
        view.add_row("features", f"features/{told.recipe}/ in the lake")
    return view


def columns_table(columns: Sequence[ExplainedColumn]) -> Table:
    view = Table(title=counted(len(columns), "column"), title_justify="left", title_style="bold", expand=False)
    view.add_column("column", overflow="fold", max_width=24)
    view.add_column("type", no_wrap=True)
    view.add_column("accepts", overflow="fold")
    view.add_column("becomes", overflow="fold", max_width=18)
    for column in columns:
        headers = ", ".join(visible(name) or '""' for name in column.headers)
        name = Text(column.name)
        if headers:
            name.append(f"\nin files: {headers}", style="dim")
        kind = column.type if column.required or column.type == "skip" else f"{column.type}?"
        view.add_row(name, kind, Text(visible("; ".join(column.accepts)) or "-"), column.role)
    view.caption, view.caption_justify = "a type with ? may be empty", "left"
    return view


def derived_table(derived: Sequence[ExplainedFeature]) -> Table:
    view = Table(title=counted(len(derived), "derived feature"), title_justify="left", title_style="bold")
    view.add_column("feature", overflow="fold")
    view.add_column("is", overflow="fold")
    for feature in derived:
        view.add_row(feature.name, Text(feature.expression))
    return view


def curl(name: str, request: Mapping[str, Mapping[str, Feature]]) -> str:
    """Lines for the shell: $URL is what `lakeloop api` prints, and a document between EOF takes any text."""
    body = json.dumps(request, indent=2)
    key = f'"x-api-key: $({invocation.command()} api --key)"'
    return (
        f'curl -sS "$URL/datasets/{name}/predictions" \\\n  -H {key} \\\n'
        f"  -H 'content-type: application/json' -d @- <<'EOF'\n{body}\nEOF"
    )
