"""A model as MLflow loads it: raw rows in, what the prediction API answers out.

It runs where somebody loads the model, on a copy of this package that lies in the model's own folder, with XGBoost,
pandas and pydantic; the functions of the loop only copy it there.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakeloop.contract import DatasetContract
from lakeloop.serving.prediction import Prediction, interpret
from lakeloop.serving.reader import RequestReader

if TYPE_CHECKING:
    import pandas as pd

CONTRACT = "contract.json"
BOOSTER = "xgboost-model"
PROBABILITY = "probability_"


class RowModel:
    """Judges rows by the model's contract, encodes them as its training data was, and says what the scores mean."""

    def __init__(self, contract: DatasetContract, booster: bytes) -> None:
        import xgboost  # noqa: PLC0415 only here, where a model is loaded

        self._xgboost = xgboost
        self._contract = contract
        self._reader = RequestReader(contract)
        self._booster = xgboost.Booster()
        self._booster.load_model(bytearray(booster))

    def predict(self, model_input: "pd.DataFrame", params: Mapping[str, Any] | None = None) -> "pd.DataFrame":
        """A row for each row: `prediction`, and for classes `confidence` and `probability_<class>`.

        Columns that are none of the model's are left alone. Raises ValueError with the rows that the API would refuse.
        """
        import numpy as np  # noqa: PLC0415
        import pandas as pd  # noqa: PLC0415

        lines = list(self._lines(model_input.astype(object).where(model_input.notna(), None)))
        numbers = [[float(cell) if cell else np.nan for cell in line.split(",")] for line in lines]
        rows = self._xgboost.DMatrix(np.array(numbers, dtype=np.float32).reshape(len(lines), -1))
        scores = self._booster.predict(rows, validate_features=False)
        found = interpret(",".join(map(str, scores.ravel().tolist())), self._contract, len(lines)) if lines else []
        return pd.DataFrame([_answer(prediction) for prediction in found], index=model_input.index)

    def _lines(self, rows: "pd.DataFrame") -> Iterator[str]:
        wanted = [name for name in rows.columns if name in self._reader.names]
        wrong = []
        for position, values in enumerate(rows[wanted].itertuples(index=False, name=None)):
            line, problems = self._reader.csv(dict(zip(wanted, values, strict=True)))
            wrong += [f"row {position}: {problem.field} {problem.problem}" for problem in problems]
            yield line
        if wrong:
            shown = "; ".join(wrong[:10])
            raise ValueError(f"{len(wrong)} values do not fit the contract of {self._contract.name}: {shown}")


def _load_pyfunc(data_path: str) -> RowModel:
    """What MLflow calls on the model's folder."""
    folder = Path(data_path)
    contract = DatasetContract.model_validate_json((folder / CONTRACT).read_bytes())
    return RowModel(contract, (folder / BOOSTER).read_bytes())


def _answer(found: Prediction) -> dict[str, object]:
    answer: dict[str, object] = {"prediction": found.prediction}
    if found.confidence is not None:
        answer["confidence"] = found.confidence
    return answer | {f"{PROBABILITY}{name}": value for name, value in found.probabilities.items()}
