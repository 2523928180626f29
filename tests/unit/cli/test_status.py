"""What `lakeloop status` shows."""

from datetime import UTC, datetime
from pathlib import Path

from lakeloop import names
from lakeloop.cli.commands.status import DatasetStatus, QueueStatus, datasets_table, parts_table, queues_table
from lakeloop.deployment.ports import EndpointState
from lakeloop.lake.ports import LakeCommit
from lakeloop.local.cloud import PartStatus
from lakeloop.training.ports import TuningRun
from tests.unit.cli.rendering import rendered


def test_parts_are_shown_with_process_memory_and_health() -> None:
    text = rendered(
        parts_table(
            [
                PartStatus("aws", "http://127.0.0.1:1", healthy=True, pid=7, rss_mb=35.4, log_file=Path("aws.log")),
                PartStatus("lakefs", "http://lake", healthy=False, pid=None, rss_mb=0, log_file=None),
            ]
        )
    )

    aws, lakefs = (line for line in text.splitlines() if "http" in line)
    for told in ("7", "35 MB", "healthy", "aws.log"):
        assert told in aws
    assert "not answering" in lakefs


def test_a_dataset_is_shown_from_its_data_to_its_model() -> None:
    status = DatasetStatus(
        name="wine",
        head=LakeCommit("0123456789abcdef", {"rows_committed": "120"}),
        lake_problem="",
        tuning=TuningRun("job-1", "0123456789abcdef", "Completed", datetime.now(UTC)),
        endpoint=EndpointState("e", "Updating", "old", "", {names.DESIRED_CONFIG_TAG: "new"}),
        model="model-1",
    )

    text = rendered(datasets_table([status]))

    for told in ("wine", "0123456789ab", "120", "job-1 Completed", "Updating, not yet new", "model-1"):
        assert told in text


def test_a_dataset_without_anything_yet_is_shown_too() -> None:
    text = rendered(datasets_table([DatasetStatus("wine", None, "", None, None, "")]))

    assert "wine" in text
    assert "None" not in text


def test_queues_are_shown_with_their_dead_letters() -> None:
    text = rendered(queues_table([QueueStatus("transform_data", waiting=12, in_flight=3, dead=2)]))

    (line,) = (line for line in text.splitlines() if "transform_data" in line)
    assert [cell.strip() for cell in line.split("│")[1:-1]] == ["transform_data", "12", "3", "2"]
