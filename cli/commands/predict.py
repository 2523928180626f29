"""`lakeloop predict`: one prediction through API Gateway."""

import webbrowser
from contextlib import suppress
from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.options import AsJson
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
    open_page: Annotated[
        bool, typer.Option("--open", help="Serve a page with a form to this machine's browser, until Ctrl-C.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Predict one row with the model that is served."""
    if (features is not None) + (row is not None) + open_page != 1:
        raise typer.BadParameter("give one of --features, --row and --open, for example --row held-out.csv:3")
    environment = Environment.load()
    environment.require_dataset(dataset)
    if open_page:
        serve_page(environment, dataset)
        return
    values = parse_features(features) if features else row_features(environment, dataset, row or "")
    answer = api_of(environment).predict(dataset, values)
    if as_json:
        print_json(prediction.as_json(dataset, answer))
        return
    console.stdout().print(prediction.view(answer))


def api_of(environment: Environment) -> PredictionApi:
    return PredictionApi(environment.api_base_url, environment.api_key)


def serve_page(environment: Environment, dataset: str) -> None:
    """Until Ctrl-C."""
    # What only this needs is not imported for a request.
    from lakeloop.client.look_server import LookServer  # noqa: PLC0415

    api = api_of(environment)
    with LookServer(environment.contracts.get(dataset), lambda values: api.predict(dataset, values)) as server:
        console.stdout().print(f"a form for {dataset} is at {server.url} until Ctrl-C", markup=False, soft_wrap=True)
        webbrowser.open(server.url)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


def row_features(environment: Environment, dataset: str, reference: str) -> dict[str, Feature]:
    # polars takes a second to import, which a request that is written out need not wait for.
    from lakeloop.client.table_rows import features_at  # noqa: PLC0415

    return features_at(environment.contracts.get(dataset), *parse_row_reference(reference))
