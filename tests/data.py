"""The breast-cancer contract and small files that fit it."""

from pathlib import Path

from lakeloop.compiler.judge import judge
from lakeloop.contract import DatasetContract

ROOT = Path(__file__).resolve().parent.parent


def contract_text(name: str) -> str:
    return (ROOT / "datasets" / f"{name}.yaml").read_text()


def breast_cancer() -> DatasetContract:
    verdict = judge("breast_cancer.yaml", contract_text("breast_cancer").encode())
    assert verdict.contract, verdict.problems
    return verdict.contract


def tiny(**changes: object) -> DatasetContract:
    """A contract with one column of each type, for files that fit on a line."""
    contract: dict[str, object] = {
        "name": "tiny",
        "description": "A small one",
        "problem": "binary",
        "row_key": "id",
        "label": "y",
        "positive_class": "yes",
        "columns": [
            {"name": "id", "type": "string", "description": "key"},
            {"name": "y", "type": "category", "allowed": ["yes", "no"], "description": "label"},
            {"name": "f", "type": "float", "min": 0, "max": 10, "description": "float"},
            {"name": "i", "type": "integer", "nullable": True, "description": "integer"},
            {"name": "c", "type": "category", "allowed": ["a", "b"], "nullable": True, "description": "category"},
            {"name": "t", "type": "boolean", "nullable": True, "description": "boolean"},
        ],
        "splits": {"train": 0.6, "validation": 0.2, "test": 0.2},
        "quality": {"max_rejected_fraction": 1.0},
        "training": {
            "metric": "auc",
            "rounds": 5,
            "early_stopping_rounds": 2,
            "ranges": {"eta": {"type": "continuous", "min": 0.1, "max": 0.5}},
            "trials": 2,
            "parallel_trials": 1,
            "instance_type": "ml.m5.large",
            "min_rows_per_class": {"train": 1, "validation": 1, "test": 0},
        },
        "retrain": {"min_new_rows": 3},
        "serving": {"serverless": {"memory_mb": 2048, "max_concurrency": 2}},
    }
    return DatasetContract.model_validate({**contract, **changes})


def tiny_csv(*rows: str, header: str = "id,y,f,i,c,t") -> bytes:
    return "\n".join([header, *rows, ""]).encode()
