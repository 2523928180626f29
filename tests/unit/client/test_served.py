"""What an endpoint serves, in words, and which data and job its model came from."""

from datetime import UTC, datetime, timedelta

import pytest

from lakeloop import names
from lakeloop.client.served import ServedModel, ServedModels, describe_state
from lakeloop.deployment.ports import EndpointState
from tests.unit.lakeloop.adapters.stubs import ARN, Stub, stubbed
from tests.unit.lakeloop.adapters.test_hosting import ENDPOINT, ENDPOINT_ARN, GONE, TRAINING, described, trial
from tests.unit.lakeloop.adapters.test_tuner import NAME, arn, description

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def endpoint(status: str, config: str, desired: str = "new", reason: str = "") -> EndpointState:
    return EndpointState("e", status, config, reason, {names.DESIRED_CONFIG_TAG: desired})


@pytest.mark.parametrize(
    ("state", "changed_after_seconds", "words"),
    [
        (endpoint("Creating", "new"), 0, "starting its first model"),
        (endpoint("Updating", "old"), 5, "changing to a new model"),
        (endpoint("RollingBack", "old"), 5, "going back to the model before"),
        (endpoint("InService", "new"), 5, "in service"),
        (endpoint("InService", "old"), 5, "set by hand to another model"),
        (endpoint("InService", "old"), -600, "about to be updated"),
        (endpoint("InService", "old", reason="alarm fired"), 5, "rolled back: alarm fired"),
        (endpoint("Failed", "new", reason="no image"), 5, "Failed: no image"),
    ],
)
def test_the_state_of_an_endpoint_is_told_in_words(
    state: EndpointState, changed_after_seconds: int, words: str
) -> None:
    changed = NOON + timedelta(seconds=changed_after_seconds)

    assert words in describe_state(state, changed=changed, wanted_since=NOON)


def test_an_endpoint_set_back_by_hand_is_not_said_to_be_unfinished() -> None:
    """Also when the config that was deployed last is gone."""
    said = describe_state(endpoint("InService", "old"), changed=NOON, wanted_since=None)

    assert "set by hand" in said
    assert "not yet" not in said


class TestModel:
    """Which model serves and what it reached, from what SageMaker answers."""

    MODEL_ARN = f"{ARN}:model/model"

    def served(self, sagemaker: Stub, **tags: str) -> ServedModel | None:
        """What is told of an endpoint whose model carries `tags`; the tuning job's best trial is its first."""
        variants = [{"VariantName": "v", "ModelName": "model"}]
        config = {"EndpointConfigName": "old", "EndpointConfigArn": f"{ARN}:endpoint-config/old"}
        model = {"ModelName": "model", "ModelArn": self.MODEL_ARN, "CreationTime": NOON}
        sagemaker.answers("describe_endpoint", described(), EndpointName=ENDPOINT).tags(ENDPOINT_ARN)
        sagemaker.answers("describe_endpoint", described(), EndpointName=ENDPOINT)
        sagemaker.answers(
            "describe_endpoint_config",
            {**config, "ProductionVariants": variants, "CreationTime": NOON},
            EndpointConfigName="old",
        )
        sagemaker.answers("describe_model", model, ModelName="model").tags(self.MODEL_ARN, **tags)
        if tags:
            self.best_trial(sagemaker)
        told = ServedModels(sagemaker.client).endpoint(ENDPOINT)
        assert told is not None
        assert (told.name, told.status, told.state) == (ENDPOINT, "InService", "in service")
        return told.model

    @staticmethod
    def best_trial(sagemaker: Stub) -> None:
        found = description(BestTrainingJob=trial())
        sagemaker.answers("describe_hyper_parameter_tuning_job", found, HyperParameterTuningJobName=NAME)
        sagemaker.answers("describe_training_job", TRAINING, TrainingJobName=f"{NAME}-001").tags(arn(NAME))

    def test_tells_its_data_its_jobs_and_what_it_reached(self) -> None:
        with stubbed("sagemaker") as sagemaker:
            model = self.served(sagemaker, commit="c1", tuning_job=NAME, training_job=f"{NAME}-001")

        assert model == ServedModel("model", NOON, "c1", NAME, f"{NAME}-001", "validation:auc", 0.98)

    def test_is_not_credited_with_what_another_trial_reached(self) -> None:
        with stubbed("sagemaker") as sagemaker:
            model = self.served(sagemaker, commit="c1", tuning_job=NAME, training_job=f"{NAME}-002")

        assert model == ServedModel("model", NOON, "c1", NAME, f"{NAME}-002", "", None)

    def test_that_somebody_else_made_has_no_history(self) -> None:
        with stubbed("sagemaker") as sagemaker:
            assert self.served(sagemaker) == ServedModel("model", NOON, "", "", "", "", None)

    def test_is_not_looked_for_where_there_is_no_endpoint(self) -> None:
        with stubbed("sagemaker") as sagemaker:
            sagemaker.refuses("describe_endpoint", *GONE)

            assert ServedModels(sagemaker.client).endpoint(ENDPOINT) is None
