"""How the local cloud comes up with everything deployed, step by step."""

from pathlib import Path

from lakeloop import project
from lakeloop.cli.progress import Progress
from lakeloop.client import local_cloud
from lakeloop.client.contracts import build_contracts, refuse_code_changes
from lakeloop.client.environment import Environment, enter
from lakeloop.client.errors import NotDeployedError
from lakeloop.client.waiting import Note
from lakeloop.contract import DatasetContract
from lakeloop.local.cloud import LocalCloud, Ports
from lakeloop.local.terraform.command import Terraform
from lakeloop.scripts.build import build

START, CONTRACTS, BUILD = "start the local cloud", "compile the contracts", "build the function packages"
INIT, APPLY = "terraform init", "terraform apply"
DEPLOY = (CONTRACTS, BUILD, INIT, APPLY)

RESOURCE_DONE = ("Creation complete", "Modifications complete", "Destruction complete")


def start(progress: Progress, *, ports: Ports | None = None, iam: bool = False, detached: bool = False) -> LocalCloud:
    with progress.step(START) as note:
        cloud = LocalCloud.start(local_cloud.PATHS, ports=ports, iam_enforced=iam, detached=detached, on_event=note)
        note(f"{len(cloud.parts())} parts, logs in {local_cloud.PATHS.log('any').parent}")
    return cloud


def build_packages(cloud: LocalCloud, progress: Progress) -> dict[str, DatasetContract]:
    """The contracts first: what is wrong with them is said at once."""
    with progress.step(CONTRACTS) as note:
        contracts = build_contracts()
        note(", ".join(contracts))
    with progress.step(BUILD) as note:
        note(str(build(cloud.environment["TF_VAR_lambda_runtime"], cloud.environment["TF_VAR_lambda_architecture"])))
    return contracts


def apply(
    cloud: LocalCloud,
    contracts: dict[str, DatasetContract],
    progress: Progress,
    infra: Path = project.SOURCES / "infra",
) -> None:
    """Bring the local cloud to what `infra/` says, with the real Terraform."""
    terraform = Terraform(infra, cloud.environment)
    with progress.step(INIT) as note:
        terraform.init(note)
    with progress.step(APPLY) as note:
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
