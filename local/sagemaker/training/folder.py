"""The folder that a training container sees as /opt/ml: made before it starts, packed when it ends."""

import json
import tarfile
from pathlib import Path

from lakeloop.local.sagemaker.containers.layout import Layout
from lakeloop.local.sagemaker.documents import Document

HOST = "algo-1"


def prepare(layout: Layout, job: Document) -> None:
    """Everything but the data."""
    for folder in (layout.model, layout.output_data, layout.checkpoints, layout.config("").parent, layout.channel("")):
        folder.mkdir(parents=True, exist_ok=True)
    resources = job.get("ResourceConfig", {})
    configs: dict[str, object] = {
        "hyperparameters": job.get("HyperParameters", {}),
        "inputdataconfig": {
            channel["ChannelName"]: _channel(channel, job["AlgorithmSpecification"]["TrainingInputMode"])
            for channel in job.get("InputDataConfig", [])
        },
        "resourceconfig": {
            "current_host": HOST,
            "hosts": [HOST],
            "current_group_name": "homogeneousCluster",
            "current_instance_type": resources.get("InstanceType", ""),
            "instance_groups": [
                {
                    "instance_group_name": "homogeneousCluster",
                    "instance_type": resources.get("InstanceType", ""),
                    "hosts": [HOST],
                }
            ],
            "network_interface_name": "lo",
        },
    }
    for name, content in configs.items():
        layout.config(name).write_text(json.dumps(content), encoding="utf-8")


def _channel(channel: Document, default_mode: str) -> Document:
    described = {
        "TrainingInputMode": channel.get("InputMode", default_mode),
        "ContentType": channel.get("ContentType"),
        "S3DistributionType": channel["DataSource"]
        .get("S3DataSource", {})
        .get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return {name: value for name, value in described.items() if value is not None}


def failure(layout: Layout) -> str:
    """What the container says went wrong; AWS shows the first 1024 characters."""
    return layout.failure.read_text(encoding="utf-8", errors="replace")[:1024] if layout.failure.is_file() else ""


def pack(folder: Path, archive: Path) -> bool:
    """Whether there was something to pack."""
    if not any(folder.iterdir()):
        return False
    with tarfile.open(archive, "w:gz", compresslevel=1) as packed:
        for entry in sorted(folder.iterdir()):
            packed.add(entry, entry.name)
    return True
