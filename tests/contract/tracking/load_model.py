"""Run by MLflow's own Python: loads models by their alias and answers rows of Parquet files, as JSON.

Reads `{"models:/tumours@champion": "rows.parquet"}` from its standard input.
"""

import json
import sys
from typing import Any

import mlflow
import pandas as pd


def answered(uri: str, rows: str) -> dict[str, Any]:
    model = mlflow.pyfunc.load_model(uri)
    answers = model.predict(pd.read_parquet(rows))
    inputs = {column.name: [column.type.name, column.required] for column in model.metadata.signature.inputs}
    return {"inputs": inputs, "answers": json.loads(answers.to_json(orient="records", double_precision=15))}


print(json.dumps({uri: answered(uri, rows) for uri, rows in json.load(sys.stdin).items()}))
