"""`lakeloop up`, `apply` and `down`: the cloud on this machine."""

import shlex
from typing import Annotated

import typer
from rich.console import Console

from lakeloop.cli import console, deploy, invocation
from lakeloop.cli.commands.api import call_of, show_curl
from lakeloop.cli.progress import show_progress
from lakeloop.client import local_cloud
from lakeloop.client.dataset_removal import left_behind
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.local.cloud import Ports, reset

Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes the port of the last start, else a free one.")]


def up(
    *,
    iam: Annotated[bool, typer.Option("--iam", help="Enforce IAM policies, as AWS does.")] = False,
    mlflow: Annotated[
        bool, typer.Option("--mlflow", help="Start an MLflow server too, from now on; 620 MB the first time.")
    ] = False,
    aws_port: Port = 0,
    lakefs_port: Port = 0,
    sagemaker_port: Port = 0,
    mlflow_port: Port = 0,
) -> None:
    """Start the local cloud, with all that it held when it was stopped."""
    if local_cloud.running():
        raise AdvisedError(f"a local cloud runs already, in {local_cloud.PATHS.local}", "look with `lakeloop status`")
    deploy.prepare_folder()
    ports = Ports(aws=aws_port, lakefs=lakefs_port, sagemaker=sagemaker_port, mlflow=mlflow_port)
    out = console.stdout()
    with show_progress(out, (deploy.START,)) as progress:
        deploy.start(progress, ports=ports, iam=iam, mlflow=mlflow, detached=True)
    env_file, lakeloop = shlex.quote(invocation.readable(local_cloud.PATHS.env_file)), invocation.command()
    out.print(f"for other tools: source {env_file}", markup=False)
    if local_cloud.applied():
        out.print(f"what was applied is there again: `{lakeloop} status`; next: `{lakeloop} down`", markup=False)
    else:
        out.print(f"nothing is applied yet; next: `{lakeloop} apply`; `{lakeloop} down` stops it", markup=False)


def apply() -> None:
    """Build the packages and apply infra/ to the local cloud, with the real Terraform."""
    cloud = local_cloud.running()
    if cloud is None:
        raise AdvisedError("no local cloud runs", "start one with `lakeloop up`; for AWS, `terraform apply` in infra/")
    out = console.stdout()
    deploy.tell_copied(deploy.prepare_folder(), out)
    with show_progress(out, deploy.DEPLOY) as progress:
        contracts = deploy.build_packages(cloud, progress)
        deploy.apply(cloud, contracts, progress)
    tell_where(out, Environment.load())


def tell_where(out: Console, environment: Environment) -> None:
    outputs, lakeloop = environment.outputs, invocation.command()
    out.print(f"landing bucket   s3://{outputs.landing_bucket}/incoming/<dataset>/", markup=False)
    out.print(f"predictions      POST {environment.api_base_url}/datasets/<dataset>/predictions", markup=False)
    out.print(f"lakeFS           {outputs.lakefs_endpoint}", markup=False)
    if outputs.datasets:
        show_curl(out, call_of(environment, outputs.datasets[0]))
    for name in left_behind(environment):
        said = f"{name} has no contract any more, but its endpoint and repository are still there"
        out.print(f"{said}: `{lakeloop} dataset delete {name}`", markup=False, soft_wrap=True)
    out.print(f"next: `{lakeloop} drop FILE --dataset NAME --follow`, `{lakeloop} status`", markup=False)


def down(
    *,
    wipe: Annotated[bool, typer.Option("--reset", help="Also forget its data, jobs, endpoints and state.")] = False,
) -> None:
    """Stop the local cloud; what it holds is there again after the next `lakeloop up`, unless it is reset."""
    out = console.stdout()
    if cloud := local_cloud.running():
        cloud.stop()
        out.print("the local cloud is stopped")
    else:
        out.print("no local cloud runs")
    if wipe:
        reset(local_cloud.PATHS)
        out.print("its state is wiped")
