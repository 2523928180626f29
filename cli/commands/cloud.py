"""`lakeloop up` and `lakeloop down`: the cloud on this machine."""

from typing import Annotated

import typer
from rich.console import Console

from cli import console, local_cloud
from cli.environment import Environment
from cli.progress import Progress, show_progress
from local.cloud import LocalCloud, reset


def up(*, iam: Annotated[bool, typer.Option("--iam", help="Enforce IAM policies, as AWS does.")] = False) -> None:
    """Start the local cloud and apply infra/ to it; one that runs already is brought up to date."""
    out = console.stdout()
    with show_progress(out, local_cloud.BRING_UP) as progress:
        cloud = local_cloud.running()
        if cloud:
            bring_up_to_date(cloud, progress)
        else:
            cloud = start_and_deploy(progress, iam=iam)
    tell_where(out, Environment.load())


def start_and_deploy(progress: Progress, *, iam: bool) -> LocalCloud:
    """A local cloud that outlives this command, or, when deploying to it fails, none."""
    cloud = local_cloud.start(local_cloud.UP, progress, iam=iam, detached=True)
    try:
        bring_up_to_date(cloud, progress)
    except BaseException:
        cloud.stop()
        raise
    return cloud


def bring_up_to_date(cloud: LocalCloud, progress: Progress) -> None:
    local_cloud.build_packages(cloud, progress)
    local_cloud.apply(cloud, progress)


def tell_where(out: Console, environment: Environment) -> None:
    outputs, paths = environment.outputs, local_cloud.running_at() or local_cloud.UP
    out.print(f"landing bucket   s3://{outputs.landing_bucket}/incoming/<dataset>/", markup=False)
    out.print(f"predictions      POST {environment.api_base_url}/datasets/<dataset>/predictions", markup=False)
    out.print(
        f"its API key      aws apigateway get-api-key --include-value --api-key {outputs.api_key_id}", markup=False
    )
    out.print(f"lakeFS           {outputs.lakefs_endpoint}", markup=False)
    out.print(f"for other tools  source {paths.env_file}", markup=False)
    out.print("next: `lakeloop drop FILE --dataset NAME --follow`, `lakeloop status`, `lakeloop down`")


def down(
    *,
    wipe: Annotated[bool, typer.Option("--reset", help="Also forget its data, jobs, endpoints and state.")] = False,
) -> None:
    """Stop the local cloud; what it holds is there again after the next `lakeloop up`, unless it is reset."""
    out = console.stdout()
    paths = local_cloud.running_at()
    if cloud := local_cloud.running():
        cloud.stop()
        out.print("the local cloud is stopped")
    else:
        out.print("no local cloud runs")
    if wipe:
        reset(paths or local_cloud.UP)
        out.print("its state is wiped")
