"""`lakeloop predict`: one prediction through API Gateway."""

from typing import Annotated

import typer
from rich.table import Table

from lakeloop.cli import console
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.client.predictions import (
    Answer,
    Feature,
    PredictionApi,
    features_of_row,
    parse_features,
    parse_row_reference,
    read_row,
)


def predict(
    dataset: Annotated[str, typer.Option(help="Name of the dataset.")],
    features: Annotated[str | None, typer.Option(help="Features as a JSON object.")] = None,
    row: Annotated[str | None, typer.Option(help="Data row N (default 1) of a CSV file: FILE.csv[:N].")] = None,
) -> None:
    """Predict one row with the model that is served."""
    if (features is None) == (row is None):
        raise AdvisedError("give either --features or --row", "for example: --row held-out.csv:3")
    environment = Environment.load()
    environment.require_dataset(dataset)
    values = parse_features(features) if features else row_features(environment, dataset, row or "")
    api = PredictionApi(environment.api_base_url, environment.api_key)
    console.stdout().print(table(api.predict(dataset, values)))


def row_features(environment: Environment, dataset: str, reference: str) -> dict[str, Feature]:
    return features_of_row(environment.contracts.get(dataset), read_row(*parse_row_reference(reference)))


def table(answer: Answer) -> Table:
    found = answer.prediction
    view = Table.grid(padding=(0, 2))
    view.add_row("prediction", str(found.prediction))
    if found.confidence is not None:
        view.add_row("confidence", f"{found.confidence:.4f}")
    for name, probability in (found.probabilities or {}).items():
        view.add_row(f"  {name}", f"{probability:.4f}")
    view.add_row("model", found.model_version)
    view.add_row("inference id", found.inference_id)
    view.add_row("answered in", f"{1000 * answer.seconds:.0f} ms")
    return view
