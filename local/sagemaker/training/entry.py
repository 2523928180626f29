"""What a training container runs, and the environment it finds."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lakeloop.local.sagemaker.containers.layout import Layout
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.objects import Objects
from lakeloop.local.sagemaker.training import script

BUILT_IN = (sys.executable, "-m", "lakeloop.local.sagemaker.containers.xgboost.train")


@dataclass(frozen=True)
class Entry:
    command: Sequence[str]
    environment: Mapping[str, str]
    # Where it runs, within the container's folder.
    folder: Path
    user_script: bool = False

    def unexplained(self, status: int, output: Sequence[str]) -> str:
        """What AWS makes of a failure that the container did not explain itself."""
        if not self.user_script:
            return "the container left no reason"
        starts = [number for number, line in enumerate(output) if line.startswith("Traceback")]
        message = "\n".join(output[starts[-1] :] if starts else output[-1:])
        command = " ".join(["python", *self.command[1:]])
        return f'ExecuteUserScriptError:\nExitCode {status}\nErrorMessage "{message}"\nCommand "{command}"'


def entry(job: Document, layout: Layout, objects: Objects, *, mounted: bool) -> Entry:
    """Raises DownloadError when a user's program cannot be had."""
    environment = {
        "TRAINING_JOB_NAME": job["TrainingJobName"],
        "TRAINING_JOB_ARN": job["TrainingJobArn"],
        **job.get("Environment", {}),
    }
    specification = job["AlgorithmSpecification"]
    if own := specification.get("ContainerEntrypoint"):
        command = [*own, *specification.get("ContainerArguments", [])]
        return Entry(command, environment, layout.root)
    found = script.script_of(job)
    if found is None:
        return Entry(BUILT_IN, environment, layout.root)
    code = script.fetch(found, job, layout, objects)
    root = script.INSIDE if mounted else str(layout.root)
    inside = f"{root}/{code.relative_to(layout.root)}"
    command = script.command(found, job)
    return Entry(command, {**script.variables(found, job, root, inside), **environment}, code, user_script=True)
