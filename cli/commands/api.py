"""`lakeloop api`: how to call the predictions, with a request that works as printed."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.console import Console

from lakeloop.cli import console, invocation
from lakeloop.cli.options import AsJson
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.client.predictions import Feature
from lakeloop.client.sample import sample_features
from lakeloop.serving.openapi import document

KEY_SHOWN = 4


@dataclass(frozen=True)
class Call:
    """One request to the prediction API; `api_key` is only there where it was asked for."""

    dataset: str
    url: str
    api_key: str | None
    body: Mapping[str, Mapping[str, Feature]]
    curl: str


def api(
    dataset: Annotated[str | None, typer.Argument(help="Name of the dataset; by default the first one.")] = None,
    *,
    key: Annotated[bool, typer.Option("--key", help="Print the API key and nothing else.")] = False,
    caller: Annotated[str | None, typer.Option(help="With --key: whose key, by its name in `api_keys`.")] = None,
    url: Annotated[
        bool, typer.Option("--url", help="Print the address of the dataset's predictions and nothing else.")
    ] = False,
    body: Annotated[bool, typer.Option("--body", help="Print the body of a sample request and nothing else.")] = False,
    show_key: Annotated[bool, typer.Option("--show-key", help="Show the API key in full.")] = False,
    openapi: Annotated[
        bool, typer.Option("--openapi", help="Print the OpenAPI document of all datasets and nothing else.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how to call the predictions of a dataset: URL, key, and a sample request."""
    environment = Environment.load()
    if openapi:
        contracts = [environment.contracts.get(name) for name in environment.contracts.names]
        typer.echo(json.dumps(document(contracts, environment.api_base_url), indent=2))
        return
    if key:
        typer.echo(environment.api_keys.value(caller))
        return
    call = call_of(environment, dataset or first_dataset(environment), show_key=show_key)
    if url or body:
        typer.echo(call.url if url else json.dumps(call.body))
    elif as_json:
        typer.echo(json.dumps(asdict(call), indent=2))
    else:
        show(console.stdout(), call, environment)


def show(out: Console, call: Call, environment: Environment) -> None:
    """The screen for people."""
    shown = call.api_key or f"{environment.api_key[:KEY_SHOWN]}… (`{invocation.command()} api --key` prints it)"
    out.print(f"POST       {call.url}", markup=False, soft_wrap=True)
    out.print(f"x-api-key  {shown}", markup=False, soft_wrap=True)
    show_curl(out, call)


def first_dataset(environment: Environment) -> str:
    if not environment.outputs.datasets:
        raise AdvisedError("no dataset is deployed", "add datasets/<name>.yaml and run `lakeloop apply`")
    return environment.outputs.datasets[0]


def call_of(environment: Environment, dataset: str, *, show_key: bool = False) -> Call:
    """A request that the deployed contract of the dataset accepts."""
    url = f"{environment.api_base_url}/datasets/{environment.require_dataset(dataset)}/predictions"
    body = {"features": sample_features(environment.contracts.get(dataset))}
    return Call(dataset, url, environment.api_key if show_key else None, body, curl(url, body))


def curl(url: str, body: object) -> str:
    """A line for the shell, which reads the key when it runs: it stays out of histories and screens."""
    key = f'"x-api-key: $({invocation.command()} api --key)"'
    return (
        f"curl -sS {shlex.quote(url)} -H {key} -H 'content-type: application/json' -d {shlex.quote(json.dumps(body))}"
    )


def show_curl(out: Console, call: Call) -> None:
    out.print(f"try it, once a model of {call.dataset} is served:", markup=False)
    out.print(call.curl, markup=False, soft_wrap=True)
