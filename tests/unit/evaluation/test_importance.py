"""What a model's trees look at is what XGBoost itself says of them; other models are left in peace."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
import xgboost
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.evaluation.importance import importance
from lakeloop.evaluation.ubjson import loads

FEATURES = ("a", "b", "c", "d")


def artifact(content: bytes, name: str = "xgboost-model") -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return body.getvalue()


@pytest.mark.parametrize("form", ["xgboost-model", "model.json", "model.ubj"])
@pytest.mark.parametrize("booster", ["gbtree", "dart"])
def test_shares_are_those_of_xgboosts_total_gain(tmp_path: Path, booster: str, form: str) -> None:
    chance = np.random.default_rng(1)
    rows = chance.random((400, 4))
    labels = rows[:, 0] * 3 + (rows[:, 1] > 0.5) + chance.normal(0, 0.1, 400)
    model = xgboost.train({"booster": booster, "max_depth": 4, "nthread": 1}, xgboost.DMatrix(rows, labels), 12)
    model.save_model(tmp_path / form)

    found = importance(artifact((tmp_path / form).read_bytes()), FEATURES)

    truth = {name: float(gain) for name, gain in model.get_score(importance_type="total_gain").items()}  # type: ignore[arg-type]
    total = sum(truth.values())
    assert found == pytest.approx({FEATURES[int(name[1:])]: gain / total for name, gain in truth.items()}, rel=1e-4)
    assert sum(found.values()) == pytest.approx(1)


def test_a_linear_model_has_no_trees(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).random((50, 4))
    model = xgboost.train({"booster": "gblinear"}, xgboost.DMatrix(rows, rows[:, 0]), 3)
    model.save_model(tmp_path / "xgboost-model")

    assert importance(artifact((tmp_path / "xgboost-model").read_bytes()), FEATURES) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no archive",
        artifact(b"{L"),
        artifact(b"\x80\x05pickled"),
        artifact(b"{}"),
        artifact(b'{"learner": 3}'),
        artifact(b"model", name="model.joblib"),
    ],
)
def test_of_a_model_in_a_form_of_its_own_nothing_is_known(body: bytes) -> None:
    assert importance(body, FEATURES) == {}


@given(st.binary(max_size=60))
def test_any_bytes_are_a_document_or_refused(content: bytes) -> None:
    try:
        loads(content)
    except ValueError:
        return


def test_numbers_of_all_kinds_and_both_kinds_of_containers_are_read() -> None:
    content = b"{i\x01aU\xc8i\x01b[i\x01T F Z]i\x01cSi\x02hi}".replace(b" ", b"")

    assert loads(content) == {"a": 200, "b": [1, True, False, None], "c": "hi"}
    assert list(loads(b"[$I#i\x02\x00\x01\xff\xff")) == [1, -1]
    assert loads(json.dumps({"a": 1}).encode()) == {"a": 1}
