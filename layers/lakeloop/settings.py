"""Each function's environment as a model, so that a missing variable fails the cold start with its name."""

import os
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, Json


class Settings(BaseModel):
    """What every function is given."""

    # A function has one of these: the others are never built.
    model_config = ConfigDict(frozen=True, defer_build=True)

    name_prefix: str = Field(alias="NAME_PREFIX")
    artifacts_bucket: str = Field(alias="ARTIFACTS_BUCKET")
    contracts_index: str = Field(alias="CONTRACTS_INDEX")
    function: str = Field(alias="POWERTOOLS_SERVICE_NAME")
    git_sha: str = Field(alias="GIT_SHA")

    @classmethod
    def load(cls) -> Self:
        return cls.model_validate(os.environ)


class ChainSettings(Settings):
    """The queue that wakes a function, and where it sends what it cannot handle."""

    queue_url: str = Field(alias="QUEUE_URL")
    dlq_url: str = Field(alias="DLQ_URL")
    max_receive_count: int = Field(alias="MAX_RECEIVE_COUNT")


class LakeSettings(Settings):
    """How to reach lakeFS."""

    lakefs_endpoint: str = Field(alias="LAKEFS_ENDPOINT")
    lakefs_secret_arn: str = Field(alias="LAKEFS_SECRET_ARN")


class TransformSettings(ChainSettings, LakeSettings):
    landing_bucket: str = Field(alias="LANDING_BUCKET")
    data_committed_topic_arn: str = Field(alias="DATA_COMMITTED_TOPIC_ARN")
    max_object_bytes: int = Field(alias="MAX_OBJECT_BYTES")


class ModelSettings(BaseModel):
    """The image that trains and serves, and the role it runs as."""

    xgboost_image: str = Field(alias="XGBOOST_IMAGE")
    execution_role_arn: str = Field(alias="EXECUTION_ROLE_ARN")


class TuningSettings(ChainSettings, LakeSettings, ModelSettings):
    kms_key_arn: str = Field(alias="KMS_KEY_ARN")
    features_missing_topic_arn: str = Field(alias="FEATURES_MISSING_TOPIC_ARN")
    own_topic_arn: str = Field(alias="OWN_TOPIC_ARN")


class RemakeSettings(ChainSettings, LakeSettings):
    data_committed_topic_arn: str = Field(alias="DATA_COMMITTED_TOPIC_ARN")


class ReconcileLoopSettings(ChainSettings, LakeSettings):
    """`step_topic_arns` are the topics of the steps that it wakes, by the step's name; JSON in the environment."""

    own_topic_arn: str = Field(alias="OWN_TOPIC_ARN")
    step_topic_arns: Json[dict[str, str]] = Field(alias="STEP_TOPIC_ARNS")


class CompactSettings(ChainSettings, LakeSettings):
    own_topic_arn: str = Field(alias="OWN_TOPIC_ARN")


class AdvanceSettings(ChainSettings, LakeSettings):
    own_topic_arn: str = Field(alias="OWN_TOPIC_ARN")
    data_committed_topic_arn: str = Field(alias="DATA_COMMITTED_TOPIC_ARN")


class ReconcileSettings(ChainSettings, LakeSettings):
    landing_bucket: str = Field(alias="LANDING_BUCKET")
    landed_topic_arn: str = Field(alias="LANDED_TOPIC_ARN")
    own_topic_arn: str = Field(alias="OWN_TOPIC_ARN")


class EvaluationSettings(ChainSettings, LakeSettings, ModelSettings):
    kms_key_arn: str = Field(alias="KMS_KEY_ARN")


class DeploymentSettings(ChainSettings):
    execution_role_arn: str = Field(alias="EXECUTION_ROLE_ARN")
    evaluate_topic_arn: str = Field(alias="EVALUATE_TOPIC_ARN")


class PredictionSettings(Settings):
    """Origins whose pages may read answers, a JSON list; `*` is any. Answers are told to the topic.

    `hashing_key_arn` is empty where no contract hashes.
    """

    cors_origins: Json[list[str]] = Field(alias="CORS_ORIGINS")
    captures_bucket: str = Field(alias="CAPTURES_BUCKET")
    captures_topic_arn: str = Field(alias="CAPTURES_TOPIC_ARN")
    hashing_key_arn: str = Field(alias="HASHING_KEY_ARN")


class JoinSettings(ChainSettings):
    captures_bucket: str = Field(alias="CAPTURES_BUCKET")
    landing_bucket: str = Field(alias="LANDING_BUCKET")
    own_topic_arn: str = Field(alias="OWN_TOPIC_ARN")


class MonitorSettings(ChainSettings, LakeSettings):
    captures_bucket: str = Field(alias="CAPTURES_BUCKET")
    training_topic_arn: str = Field(alias="TRAINING_TOPIC_ARN")
    own_topic_arn: str = Field(alias="OWN_TOPIC_ARN")


class FeedbackSettings(Settings):
    """Origins whose pages may read answers, a JSON list; `*` is any."""

    cors_origins: Json[list[str]] = Field(alias="CORS_ORIGINS")
    captures_bucket: str = Field(alias="CAPTURES_BUCKET")


class CaptureSettings(ChainSettings):
    captures_bucket: str = Field(alias="CAPTURES_BUCKET")


class TrackingSettings(ChainSettings):
    """`mlflow_credentials_secret_arn` is empty for a server that asks for none."""

    mlflow_tracking_uri: str = Field(alias="MLFLOW_TRACKING_URI")
    mlflow_credentials_secret_arn: str = Field(alias="MLFLOW_CREDENTIALS_SECRET_ARN")


class BootstrapSettings(LakeSettings):
    lake_bucket: str = Field(alias="LAKE_BUCKET")


class ReaperSettings(Settings):
    """Queues that wake functions, by ARN, and rules and layers, by name; JSON lists in the environment.

    `in_flight_seconds` is how long those functions that make jobs and endpoints may run.
    """

    queues: Json[list[str]] = Field(alias="QUEUES")
    layers: Json[list[str]] = Field(alias="LAYERS")
    rules: Json[list[str]] = Field(alias="RULES")
    in_flight_seconds: int = Field(alias="IN_FLIGHT_SECONDS")


class GuardSettings(Settings):
    """The buckets that hold data; a JSON list in the environment."""

    guarded_buckets: Json[list[str]] = Field(alias="GUARDED_BUCKETS")
