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
    versions: Sequence[ModelVersion], stored: Iterable[Stored], serving: str, previous: int = PREVIOUS
) -> Pruned:
    """What of the artifacts of a dataset's jobs may go.

    Of a job that no version tells of nothing goes: it runs, or its model is not judged yet.
    """
    stay = kept(versions, serving, previous)
    judged = {version.metadata.get(lineage.TUNING_JOB, "") for version in versions} - {""}
    needed = {_folder(version.artifact) for version in versions if version.arn in stay}
    objects = [
        found
        for found in stored
        if not judged.isdisjoint(found.uri.split("/")) and not any(found.uri.startswith(folder) for folder in needed)
    ]
    marked = [version for version in versions if version.arn not in stay and PRUNED not in version.metadata]
    return Pruned(tuple(marked), tuple(objects))


def _folder(artifact: str) -> str:
    """All that a training job left beside its model; of one that a person put elsewhere, itself."""
    folder, output, _ = artifact.rpartition("/output/")
    return f"{folder}/" if output else artifact
