"""What the trees of a model look at."""

import io
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lakeloop.evaluation.ubjson import loads

MODEL = "xgboost-model"
# Boosters that hold trees, and where.
TREES = {"gbtree": ("model",), "dart": ("gbtree", "model")}


def importance(artifact: bytes, features: Sequence[str]) -> Mapping[str, float]:
    """Each feature's share of what all splits gain, as XGBoost's `total_gain` has it; 1 together.

    `artifact` is the model.tar.gz of the built-in XGBoost. Of a model without trees, or in a form of somebody's own,
    nothing is known: the mapping is empty.
    """
    try:
        gained = _gained(loads(_model(artifact)))
        total = sum(gained.values())
        return {features[place]: gain / total for place, gain in gained.most_common() if gain > 0}
    except (tarfile.TarError, OSError, EOFError, KeyError, IndexError, TypeError, ValueError):
        return {}


def _model(artifact: bytes) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(artifact)) as archive:
        for member in archive:
            if member.name.removeprefix("./") == MODEL and (file := archive.extractfile(member)):
                return file.read()
    raise KeyError(MODEL)


def _gained(document: Mapping[str, Any]) -> Counter[int]:
    gained: Counter[int] = Counter()
    for tree in _trees(document["learner"]["gradient_booster"]):
        nodes = zip(tree["split_indices"], tree["loss_changes"], tree["left_children"], strict=True)
        for feature, gain, left in nodes:
            if left != -1:
                gained[feature] += gain
    return gained


def _trees(booster: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for part in TREES[booster["name"]]:
        booster = booster[part]
    yield from booster["trees"]
