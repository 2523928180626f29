"""The local cloud as the command uses it: where one may run, and how one comes up with everything deployed."""

from pathlib import Path

from cli.progress import Note, Progress
from local.cloud import CloudPaths, LocalCloud, Ports
from local.terraform import Terraform
from scripts.build import build

UP = CloudPaths()
# The demo wipes what it leaves, so it lives apart from what `lakeloop up` keeps.
DEMO = CloudPaths(local=UP.local / "demo")

START, BUILD, INIT, APPLY = "start the local cloud", "build the function packages", "terraform init", "terraform apply"
DEPLOY = (BUILD, INIT, APPLY)

RESOURCE_DONE = ("Creation complete", "Modifications complete", "Destruction complete")


def running_at() -> CloudPaths | None:
    """The folder of the local cloud that runs."""
    return next((paths for paths in (UP, DEMO) if LocalCloud.attach(paths)), None)


def running() -> LocalCloud | None:
    paths = running_at()
    return LocalCloud.attach(paths) if paths else None


def log_files() -> dict[str, Path]:
    """Logs by part: of the local cloud that runs, else of the one that ran last."""
    places = [paths for paths in (running_at(), UP, DEMO) if paths]
    folders = [paths.log("any").parent for paths in places]
    written = {folder: sorted(folder.glob("*.log")) for folder in folders}
    if running_at():
        chosen = written[folders[0]]
    else:
        chosen = max(written.values(), key=lambda files: max((f.stat().st_mtime for f in files), default=0))
    return {file.stem: file for file in chosen}


def start(
    paths: CloudPaths, progress: Progress, *, ports: Ports | None = None, iam: bool = False, detached: bool = False
) -> LocalCloud:
    with progress.step(START) as note:
        cloud = LocalCloud.start(paths, ports=ports, iam_enforced=iam, detached=detached, on_event=note)
        note(f"{len(cloud.parts())} parts, logs in {paths.log('any').parent}")
    return cloud


def build_packages(cloud: LocalCloud, progress: Progress) -> None:
    with progress.step(BUILD) as note:
        note(str(build(cloud.environment["TF_VAR_lambda_runtime"], cloud.environment["TF_VAR_lambda_architecture"])))


def apply(cloud: LocalCloud, progress: Progress, infra: Path = UP.root / "infra") -> None:
    """Bring the local cloud to what `infra/` says, with the real Terraform."""
    terraform = Terraform(infra, cloud.environment)
    with progress.step(INIT) as note:
        terraform.init(note)
    with progress.step(APPLY) as note:
        terraform.apply(ResourceCounter(note))


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
