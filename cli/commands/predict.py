"""`lakeloop predict`: one prediction through API Gateway."""

from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.output import print_json
from lakeloop.cli.views import prediction
from lakeloop.client.environment import Environment
from lakeloop.client.predictions import (
    Feature,
    PredictionApi,
    parse_features,
    parse_row_reference,
)


def predict(
    dataset: Annotated[str, typer.Option(help="Name of the dataset.")],
    features: Annotated[str | None, typer.Option(help="Features as a JSON object.")] = None,
    row: Annotated[
        str | None, typer.Option(help="Data row N (default 1) of a file as it is dropped: FILE[:N].")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")] = False,
) -> None:
    """Predict one row with the model that is served."""
    if (features is None) == (row is None):
        raise typer.BadParameter("give either --features or --row, for example --row held-out.csv:3")
    environment = Environment.load()
    environment.require_dataset(dataset)
    values = parse_features(features) if features else row_features(environment, dataset, row or "")
    api = PredictionApi(environment.api_base_url, environment.api_key)
    answer = api.predict(dataset, values)
    if as_json:
        print_json(prediction.as_json(dataset, answer))
        return
    console.stdout().print(prediction.view(answer))


def row_features(environment: Environment, dataset: str, reference: str) -> dict[str, Feature]:
    # polars takes a second to import, which a request that is written out need not wait for.
    from lakeloop.client.table_rows import features_at  # noqa: PLC0415

    return features_at(environment.contracts.get(dataset), *parse_row_reference(reference))
