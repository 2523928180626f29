"""Requests as tests need them, complete unless a test changes something."""

from typing import Any

import numpy as np

from tests.contract.sagemaker.cloud import Cloud

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
COLUMNS = 4


def rows(count: int, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Label first; the label follows from two of the features, with some noise."""
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(count, COLUMNS))
    label = features[:, 0] + 0.5 * features[:, 1] + generator.normal(scale=0.5, size=count) > 0
    return np.column_stack([label.astype(float), features])


def csv(count: int, seed: int) -> bytes:
    return "\n".join(",".join(f"{value:.6g}" for value in row) for row in rows(count, seed)).encode()


def channel(name: str, uri: str, content_type: str | None = "text/csv", data_type: str = "S3Prefix") -> dict[str, Any]:
    source = {"S3DataType": data_type, "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    described: dict[str, Any] = {"ChannelName": name, "DataSource": {"S3DataSource": source}}
    return described if content_type is None else {**described, "ContentType": content_type}


def algorithm(cloud: Cloud, channels: list[dict[str, Any]]) -> dict[str, Any]:
    """What training jobs and the definition of a tuning job have in common."""
    return {
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": cloud.role,
        "InputDataConfig": channels,
        "OutputDataConfig": {"S3OutputPath": f"s3://{cloud.bucket}/{cloud.prefix}/out/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


def training_job(cloud: Cloud, name: str, channels: list[dict[str, Any]], **hyperparameters: str) -> dict[str, Any]:
    static = {"objective": "binary:logistic", "eval_metric": "auc", "num_round": "5"}
    return {
        **algorithm(cloud, channels),
        "TrainingJobName": name,
        "HyperParameters": {**static, **hyperparameters},
    }


def tuning_job(cloud: Cloud, name: str, channels: list[dict[str, Any]], **config: object) -> dict[str, Any]:
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {
                "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}],
                "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "2", "MaxValue": "6"}],
            },
            "RandomSeed": 7,
            **config,
        },
        "TrainingJobDefinition": {
            **algorithm(cloud, channels),
            "StaticHyperParameters": {"objective": "binary:logistic", "num_round": "10"},
        },
    }
