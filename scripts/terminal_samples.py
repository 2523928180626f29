"""Recorded answers of a small environment, from which docs/terminal.md and the tests of the screens are made."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from lakeloop import names
from lakeloop.cli.commands.drop import Dropped
from lakeloop.client.dead_letters import DeadLetter
from lakeloop.client.log_lines import LogEvent
from lakeloop.client.predictions import Answer, Prediction
from lakeloop.client.quarantine import BrokenRule, Reason, Rejected
from lakeloop.client.quarantined_files import QuarantinedFile, SentMend
from lakeloop.client.redrive import Done, Verdict
from lakeloop.client.served import ServedEndpoint, ServedModel
from lakeloop.client.summary import ChainSummary, DatasetSummary, Overview, Said
from lakeloop.failures import Failure
from lakeloop.local.cloud import PartStatus
from lakeloop.training.ports import TuningRun

NOW = datetime(2026, 11, 26, 12, 5, 33, tzinfo=UTC)
HEAD = "f7a7ff9a4b22ff5e13ca7dfe7029d0721d7f16e9b79873b1f94b8937aec6debf"
EARLIER = "0416922081e6e9015e6c50102905ca6e5fc8f92578fdd37ef2fc3ad293470cd9"
LANDING, ARTIFACTS = "s3://lakeloop-local-landing-000000000000", "s3://lakeloop-local-artifacts-000000000000"
QUARANTINE = f"{ARTIFACTS}/quarantine/breast_cancer/e3fc3b142725bcab6cd4139d07bc7c97.parquet"
CANCER = "lakeloop-local-breast-cancer"
REASON = "unforeseen ClientError: Hyperparameters ['etta'] cannot be tuned"

FAILURE = Failure(
    function="start_tuning",
    message_id="0a1b2c3d",
    object="",
    reason=REASON,
    error="TransientError",
    attempts=2,
    first_failed_at=(NOW - timedelta(minutes=3)).isoformat(),
    last_failed_at=(NOW - timedelta(minutes=2)).isoformat(),
    correlation_id="",
)
UNREADABLE = Failure(
    function="transform_data",
    message_id="4e5f6a7b",
    object=f"{LANDING}/incoming/wine/cellar.csv?versionId=v7",
    reason="incoming/wine/cellar.csv is not UTF-8 text: save it as UTF-8 and drop it again",
    error="UnreadableObjectError",
    attempts=5,
    first_failed_at=(NOW - timedelta(hours=2, minutes=1)).isoformat(),
    last_failed_at=(NOW - timedelta(hours=2)).isoformat(),
    correlation_id="",
)

SERVED = ServedEndpoint(
    name=CANCER,
    status="InService",
    state="in service, set by hand to another model than the one deployed last",
    model=ServedModel(
        name=f"{CANCER}-db9811c91b8a",
        created=NOW - timedelta(days=3),
        commit=EARLIER,
        tuning_job="lakeloop-local-4aaafe680cfe",
        training_job="lakeloop-local-4aaafe680cfe-001-22492dec",
        metric="validation:auc",
        value=0.9912,
    ),
)

LOST = Said(
    step="reconcile_landing",
    why="1 file landed and in no commit, no quarantine and no letter: sent to transform_data",
    at=NOW - timedelta(minutes=20),
)

WATCHED = Said(
    "monitor",
    "insufficient data: 310 predictions, 500 are needed",
    at=NOW - timedelta(minutes=25),
)

COMPARED = Said("reconcile_landing", "main has what the landing bucket has", at=NOW - timedelta(minutes=20))

OVERVIEW = Overview(
    environment="lakeloop-local",
    datasets=(
        DatasetSummary(
            name="breast_cancer",
            rows=456,
            rows_new=228,
            rows_quarantined=6,
            files_quarantined_whole=1,
            dead_letters=0,
            head=HEAD,
            endpoint=SERVED,
            last_training=TuningRun(
                "lakeloop-local-4aaa0d067888",
                HEAD,
                "Completed",
                NOW - timedelta(hours=5),
                tags={names.WHY_TAG: "569 new rows at least 300 needed"},
            ),
            why_no_training=f"commit {HEAD} is trained by lakeloop-local-4aaa0d067888 already",
            complaints=(),
            last_failure=None,
            reconciled=COMPARED,
            watched=WATCHED,
        ),
        DatasetSummary(
            name="wine",
            rows=178,
            rows_new=178,
            rows_quarantined=0,
            files_quarantined_whole=0,
            dead_letters=1,
            head=EARLIER,
            endpoint=None,
            last_training=None,
            why_no_training="178 new rows, 300 needed",
            complaints=(LOST,),
            last_failure=UNREADABLE,
            reconciled=LOST,
        ),
    ),
    chains=(
        ChainSummary("transform_data", 0, 0, 1, UNREADABLE),
        ChainSummary("start_tuning", 0, 1, 0, FAILURE),
        ChainSummary("deploy_model", 0, 0, 0, None),
    ),
    problems={},
    drop_files_at=f"{LANDING}/incoming/<dataset>/",
    predictions_at="http://127.0.0.1:4566/_aws/execute-api/35f034d0/v1/datasets/<dataset>/predictions",
)

PARTS = (
    PartStatus("aws", "http://127.0.0.1:4566", healthy=True, pid=8892, rss_mb=220, log_file=Path("aws.log")),
    PartStatus("lakefs", "http://127.0.0.1:59431", healthy=True, pid=9015, rss_mb=78, log_file=Path("lakefs.log")),
    PartStatus("sagemaker", "http://127.0.0.1:59643", healthy=False, pid=None, rss_mb=0, log_file=None),
)

DROPPED = Dropped(
    outcome="served",
    file=f"{LANDING}/incoming/breast_cancer/tumours-2.csv",
    version="9be9f4a9-600a-4a69-bd58-62322b7ad5c7",
    rows=231,
    commit=HEAD,
    rows_committed=228,
    rows_quarantined=3,
    quarantine_uri=QUARANTINE,
    broken_rules=[
        BrokenRule("diagnosis", "required", 1, 41, None),
        BrokenRule("surplus field", "columns: 32, as the header names", 1, 201, "surplus"),
        BrokenRule("sample_id", "unique: an earlier row has this key", 1, 121, "bc-0287"),
    ],
    tuning_job="lakeloop-local-4aaafe680cfe",
    endpoint=CANCER,
)

# Title, seconds and news of each step, as `drop --follow` has them in the end.
STEPS = (
    ("drop the file", 0.1, f"231 rows at {DROPPED.file}?versionId={DROPPED.version}"),
    ("rows on main", 0.6, f"228 rows in commit {HEAD[:12]}, 3 quarantined"),
    ("tuning job", 0.6, f"{DROPPED.tuning_job} on commit {HEAD[:12]}"),
    ("trials", 5.2, "6 of 6 trials done, best 0.99120"),
    ("endpoint in service", 3.2, f"{CANCER} is InService"),
)

LETTERS = (
    DeadLetter(
        chain="transform_data",
        message_id=UNREADABLE.message_id,
        object=UNREADABLE.object,
        reason=UNREADABLE.reason,
        attempts=UNREADABLE.attempts,
        first_failed_at=UNREADABLE.first_failed_at,
        last_failed_at=UNREADABLE.last_failed_at,
    ),
)

ANSWER = Answer(
    Prediction(
        inference_id="e9ba536e-348e-4e0d-9b08-4ec76c8948e1",
        prediction="malignant",
        confidence=0.8777,
        probabilities={"benign": 0.1223, "malignant": 0.8777},
        model=SERVED.model.name if SERVED.model else None,
        data_commit=SERVED.model.commit if SERVED.model else None,
    ),
    seconds=0.0149,
)

LOG = (
    LogEvent(
        "transform_data",
        NOW,
        '{"level": "INFO", "message": "committed", "service": "transform_data", "rows": 228, '
        f'"repository": "{CANCER}", "commit": "{HEAD}"}}',
    ),
    LogEvent(
        "start_tuning",
        NOW + timedelta(seconds=1),
        f'{{"level": "INFO", "message": "retrain?", "dataset": "breast_cancer", "commit": "{HEAD}", "start": true, '
        '"why": "456 new rows, at least 300 needed"}',
    ),
    LogEvent(
        "start_tuning",
        NOW + timedelta(seconds=2),
        '{"level": "ERROR", "message": "unforeseen error", "exception": "Traceback (most recent call last):\\n  '
        'File \\"/opt/python/lakeloop/consumer.py\\", line 43, in attempt\\n    work(*args, **kwargs)\\n'
        "botocore.exceptions.ClientError: Hyperparameters ['etta'] cannot be tuned\"}",
    ),
)

QUARANTINED = QuarantinedFile(
    dataset="breast_cancer",
    file=f"{LANDING}/incoming/breast_cancer/tumours-2.csv",
    version="9be9f4a9-600a-4a69-bd58-62322b7ad5c7",
    rows=3,
    reasons=(
        ("diagnosis: required", 1),
        ("sample_id: unique: an earlier row has this key", 1),
        ("columns: 32, the line has 33", 1),
    ),
    on_main=True,
    mend_waits=False,
    quarantine_uri=QUARANTINE,
)
REJECTED = (
    Rejected(41, 42, b"bc-0041,,14.2,20.31", (Reason("diagnosis", "required", None),)),
    Rejected(
        121,
        122,
        b"bc-0287,benign,11.8,17.94",
        (Reason("sample_id", "unique: an earlier row has this key", "bc-0287"),),
    ),
)
MENDED = SentMend(
    file=QUARANTINED.file,
    version=QUARANTINED.version,
    sent=2,
    stay=1,
    uri=f"{LANDING}/incoming/breast_cancer/_mended/{QUARANTINED.version}/tumours-2.csv.json",
)
REPLACED = DeadLetter(
    chain="transform_data",
    message_id="8c9d0e1f",
    object=f"{LANDING}/incoming/wine/bottles.csv?versionId=v1",
    reason="incoming/wine/bottles.csv is empty (0 bytes), and nothing has replaced it: drop it again",
    attempts=6,
    first_failed_at=(NOW - timedelta(hours=3)).isoformat(),
    last_failed_at=(NOW - timedelta(hours=2, minutes=50)).isoformat(),
)
CAUSE_GONE = f"replaced: version v2 is committed in {EARLIER[:12]}"
TO_REDRIVE = (
    Verdict(LETTERS[0], "redrive", "to the queue of transform_data"),
    Verdict(REPLACED, "cause gone", CAUSE_GONE),
)
DONE = Done(
    action="redrive",
    at=(NOW - timedelta(hours=1)).isoformat(timespec="seconds"),
    who="arn:aws:iam::000000000000:user/ada",
    why="the contract names the encoding now",
    object=LETTERS[0].object,
    reason=LETTERS[0].reason,
    attempts=5,
)
