"""The contract's own training program, as SageMaker's containers run one: script mode.

https://github.com/aws/sagemaker-xgboost-container, script mode, and https://github.com/aws/sagemaker-training-toolkit.
The program comes by a channel: a container without a network fetches nothing. It prints what it is judged by as XGBoost
does, `[round]<tab>validation-auc:0.9`: SageMaker knows the metrics of its own image and refuses other definitions.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence

from lakeloop.contract import DatasetContract
from lakeloop.lake.layout import name_of, rows_folder, twin_of
from lakeloop.lake.ports import Lake, LakeObject
from lakeloop.training.manifest import paths

PROGRAM = "train.py"
CODE_CHANNEL = "code"
PAIRS_CHANNEL = "pairs"
ARCHIVE = "sourcedir.tar.gz"
HYPERPARAMETERS = {
    "sagemaker_program": PROGRAM,
    "sagemaker_submit_directory": f"/opt/ml/input/data/{CODE_CHANNEL}/{ARCHIVE}",
}


def packed(program: str) -> bytes:
    """A program as the archive that the container unpacks: the same program gives the same bytes."""
    content = program.encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        entry = tarfile.TarInfo(PROGRAM)
        entry.size, entry.mode = len(content), 0o644
        tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(archive.getvalue(), mtime=0)


def rows_channel(split: str) -> str:
    """The channel with the rows that belong to the features of a split."""
    return f"{split}_rows"


def rows_of(lake: Lake, repository: str, commit: str, split: str, features: Sequence[LakeObject]) -> list[LakeObject]:
    """The objects of rows that objects of features were made of, in their order, as far as there are any.

    Row by row they agree, but for rows without a label, which have no features.
    """
    rows = {twin_of(entry): entry for entry in lake.objects(repository, commit, rows_folder(split))}
    return [rows[name] for entry in features if (name := name_of(entry)) in rows]


def pairs(
    contract: DatasetContract,
    features: Mapping[str, Sequence[LakeObject]],
    rows: Mapping[str, Sequence[LakeObject]],
) -> bytes:
    """Which file of rows belongs to which of features, split by split, and what the columns of rows are called.

    In their channels files have the names of lakeFS's objects, which say nothing.
    """
    found: dict[str, dict[str, str]] = {}
    for split, entries in features.items():
        by_name = {twin_of(entry): path for entry, path in zip(rows[split], paths(rows[split]), strict=True)}
        named = {path: by_name.get(name_of(entry)) for entry, path in zip(entries, paths(entries), strict=True)}
        found[split] = {path: rows_path for path, rows_path in named.items() if rows_path}
    return json.dumps({"label": contract.label, "weight": contract.weight, "rows": found}, sort_keys=True).encode()
