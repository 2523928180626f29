"""Which artifacts of models are still needed: those of what serves, of what may serve, and of what served before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.rollback.model import PRUNED, is_ready

# To roll back to, beside what serves and what is approved.
PREVIOUS = 1


@dataclass(frozen=True)
class Stored:
    """An object of S3 by its address."""

    uri: str
    size_bytes: int


@dataclass(frozen=True)
class Pruned:
    """What nobody needs: versions that are marked, and objects that are deleted."""

    versions: tuple[ModelVersion, ...]
    objects: tuple[Stored, ...]

    @property
    def size_bytes(self) -> int:
        return sum(found.size_bytes for found in self.objects)


def kept(versions: Sequence[ModelVersion], serving: str, previous: int = PREVIOUS) -> set[str]:
    """The ARNs of the versions whose artifacts stay, of all versions of a dataset, newest first.

    What serves loads its model again at each scale-out, update and cold start; approved and waiting versions may serve
    yet, and the last that lost their place may serve again.
    """
    needed = {version.arn for version in versions if version.approval is not Approval.REJECTED}
    ready = [version for version in versions if version.arn not in {*needed, serving} and is_ready(version)]
    ready.sort(key=lambda version: (version.settled, version.version), reverse=True)
    return {*needed, serving, *(version.arn for version in ready[:previous])}


def pruned(
    versions: Sequence[ModelVersion],
    stored: Iterable[Stored],
    serving: str,
    previous: int = PREVIOUS,
    *,
    learning: str = "",
) -> Pruned:
    """What may go of what a dataset's jobs left: their artifacts, what is known of their models, rows to judge them by.

    Of a job that no version tells of nothing goes: it runs, or its model is not judged yet. `learning` is the commit of
    the last job, whose test rows a transform may be reading.
    """
    stay = kept(versions, serving, previous)
    judged = {found for version in versions for found in _left_by(version)}
    staying = [version for version in versions if version.arn in stay]
    needed = {learning, *(version.metadata.get(lineage.DATA_COMMIT, "") for version in staying)} - {""}
    folders = {folder for version in staying for folder in _folders(version)}
    objects = [
        found
        for found in stored
        if not judged.isdisjoint(parts := found.uri.split("/"))
        and needed.isdisjoint(parts)
        and not any(found.uri.startswith(folder) for folder in folders)
    ]
    marked = [version for version in versions if version.arn not in stay and PRUNED not in version.metadata]
    return Pruned(tuple(marked), tuple(objects))


def _left_by(version: ModelVersion) -> set[str]:
    """What the folders are called in which something of a version's lies."""
    return {version.metadata.get(lineage.TUNING_JOB, ""), version.metadata.get(lineage.DATA_COMMIT, "")} - {""}


def _folders(version: ModelVersion) -> set[str]:
    """All that a training job left beside its model, and all that is known of it."""
    evaluation = {f"{version.evaluation.rpartition('/')[0]}/"} if version.evaluation else set()
    return {_folder(version.artifact), *evaluation}


def _folder(artifact: str) -> str:
    """All that a training job left beside its model; of one that a person put elsewhere, itself."""
    folder, output, _ = artifact.rpartition("/output/")
    return f"{folder}/" if output else artifact
