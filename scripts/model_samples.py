"""Recorded answers about models and bad data, from which docs/terminal.md is made."""

from datetime import timedelta

from lakeloop.client.models import Listed
from lakeloop.lake.index import Counts, Entry
from lakeloop.lake.ports import LakeCommit
from lakeloop.lineage.trace import Node, Trace
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.rollback.models import Consequences
from lakeloop.rollback.service import Change
from lakeloop.rollback.target import Target, Unwanted
from lakeloop.scripts.terminal_samples import CANCER, EARLIER, HEAD, LANDING, NOW

FILE = f"{LANDING}/incoming/breast_cancer/march.csv"
JOB, EARLIER_JOB = "lakeloop-local-4aaafe680cfe", "lakeloop-local-0be81c55d2f1"
BETTER = "better by 0.0123 (0.0041 to 0.0208) on 96 test rows since the champion's commit"


def listed(number: int, approval: Approval, why: str, value: float, commit: str, *, serves: bool = False) -> Listed:
    return Listed(
        version=number,
        approval=approval.value,
        why=why,
        metric="auc",
        value=value,
        data_commit=commit,
        tuning_job=JOB,
        created=NOW - timedelta(days=4 - number),
        decided_by="lakeloop promotion rule",
        decided_at=(NOW - timedelta(days=4 - number)).isoformat(),
        serves=serves,
        bad_data="",
        pruned="",
        evaluation="",
        arn=f"arn:aws:sagemaker:us-east-1:000000000000:model-package/{CANCER}/{number}",
    )


VERSIONS = [
    listed(3, Approval.REJECTED, "not better: 0.0008 (-0.0051 to 0.0067) on 96 test rows", 0.9921, HEAD),
    listed(2, Approval.APPROVED, BETTER, 0.9913, HEAD, serves=True),
    listed(1, Approval.REJECTED, "superseded by version 2", 0.979, EARLIER),
]


def version(number: int, approval: Approval) -> ModelVersion:
    moment = NOW - timedelta(days=4 - number)
    return ModelVersion(f"arn/{number}", CANCER, number, approval, "", "", "", moment, {})


CHANGE = Change(reverted=False, taken_out=(FILE,), put_back=(), read_again=(), rows_taken_out=96, rows_put_back=12)
TARGET = Target(
    (LakeCommit(HEAD, {}, (EARLIER,)),),
    (Unwanted("", Entry(FILE, "3sL4kqtJlcpXroDTDmJ", "", "", "", 0, "", Counts()), (), None),),
)
CONSEQUENCES = Consequences(
    flagged=(version(3, Approval.REJECTED), version(2, Approval.APPROVED)),
    stopped=(JOB,),
    serving=version(2, Approval.APPROVED),
    instead=version(1, Approval.REJECTED),
)
ENDPOINT = Node("endpoint", CANCER, {"status": "InService"})
MODEL = Node("model", f"{CANCER}/2", {"approval": "Approved", "why": BETTER, "metric": "auc 0.9913"}, (ENDPOINT,))
TRACE = Trace(
    dataset="breast_cancer",
    asked=Node("file", FILE, {"version": "3sL4kqtJlcpXroDTDmJ", "on main": "yes"}),
    made_of=(),
    led_to=(
        Node(
            "commit",
            HEAD,
            {"rows": "96"},
            (Node("job", JOB, {"status": "Completed", "why": "96 rows are new"}, (MODEL,)),),
        ),
    ),
)
