"""How the local cloud comes up with everything deployed, step by step."""

from pathlib import Path

from rich.console import Console

from lakeloop import project
from lakeloop.cli.progress import Progress
from lakeloop.client import local_cloud
from lakeloop.client.contracts import build_contracts, refuse_code_changes
from lakeloop.client.environment import Environment, enter
from lakeloop.client.errors import NotDeployedError
from lakeloop.client.waiting import Note
from lakeloop.contract import DatasetContract
from lakeloop.local.cloud import LocalCloud, Ports
from lakeloop.local.terraform import configuration
from lakeloop.local.terraform.command import Terraform
from lakeloop.scripts.build import build

START, CONTRACTS, BUILD = "start the local cloud", "compile the contracts", "build the function packages"
INIT, APPLY = "terraform init", "terraform apply"
DEPLOY = (CONTRACTS, BUILD, INIT, APPLY)

# How the supervisor's line about it begins.
PROVIDER = "terraform: "
# Of a first apply; the provider waits for each queue, as it does on AWS.
USUAL_APPLY = "usually takes about 70 s"

RESOURCE_DONE = ("Creation complete", "Modifications complete", "Destruction complete")


def start(
    progress: Progress,
    *,
    ports: Ports | None = None,
    iam: bool = False,
    mlflow: bool = False,
    detached: bool = False,
) -> LocalCloud:
    said: list[str] = []
    with progress.step(START) as note:

        def tell(line: str) -> None:
            said.append(line)
            note(line)

        cloud = LocalCloud.start(
            local_cloud.PATHS, ports=ports, iam_enforced=iam, mlflow=mlflow, detached=detached, on_event=tell
        )
        # Where Terraform's provider comes from is what differs from machine to machine.
        provider = [line.removeprefix(PROVIDER) for line in said if line.startswith(PROVIDER)]
        note("; ".join([f"{len(cloud.parts())} parts, logs in {local_cloud.PATHS.log('any').parent}", *provider]))
    return cloud


def build_packages(cloud: LocalCloud, progress: Progress) -> dict[str, DatasetContract]:
    """The contracts first: what is wrong with them is said at once."""
    with progress.step(CONTRACTS) as note:
        contracts = build_contracts()
        note(", ".join(contracts))
    with progress.step(BUILD) as note:
        note(str(build(cloud.environment["TF_VAR_lambda_runtime"], cloud.environment["TF_VAR_lambda_architecture"])))
    return contracts


def prepare_folder() -> list[Path]:
    """Make ready what an installed lakeloop needs in the user's folder; the example contracts it had to copy."""
    if not project.INSTALLED:
        return []
    configuration.unpack(project.SOURCES / "infra", project.INFRA, project.WORKSPACE)
    return configuration.copy_example(project.SOURCES / "datasets", project.WORKSPACE / "datasets")


def tell_copied(copied: list[Path], out: Console) -> None:
    if copied:
        names = ", ".join(file.name for file in copied)
        out.print(f"there was no folder datasets/ here: it now holds the example {names}", markup=False)


def apply(cloud: LocalCloud, contracts: dict[str, DatasetContract], progress: Progress) -> None:
    """Bring the local cloud to what `infra/` says, with the real Terraform."""
    terraform = Terraform(project.INFRA, cloud.environment)
    with progress.step(INIT) as note:
        terraform.init(note)
    with progress.step(APPLY) as note:
        note(USUAL_APPLY if not local_cloud.applied() else "comparing with what is there")
        enter(cloud.environment)
        refuse_what_misreads_data(contracts)
        terraform.apply(ResourceCounter(note))


def refuse_what_misreads_data(contracts: dict[str, DatasetContract]) -> None:
    try:
        environment = Environment.current()
    except NotDeployedError:
        return
    refuse_code_changes(environment, contracts)


class ResourceCounter:
    """Reads Terraform's lines and tells how far it is."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._done = 0

    def __call__(self, line: str) -> None:
        if any(words in line for words in RESOURCE_DONE):
            self._done += 1
            self._note(f"{self._done} resources done, last {line.split(':', maxsplit=1)[0]}")
        elif line.startswith("Apply complete!"):
            self._note(line)
