"""What SageMaker is asked for to have a model scored."""

from lakeloop.compiler.aws import instance_types
from lakeloop.evaluation.requests import transform_request
from tests.data import tiny


def test_a_model_is_scored_where_it_was_trained_if_transforms_have_that_instance() -> None:
    there = instance_types("TransformInstanceType")
    scored_on = {
        trained_on: transform_request(
            "t",
            "m",
            tiny(training={"instance_type": trained_on}),
            inputs_uri="s3://i",
            output_uri="s3://o",
            kms_key_arn="k",
        )["TransformResources"]["InstanceType"]
        for trained_on in instance_types("TrainingInstanceType")
    }

    assert {scored for trained, scored in scored_on.items() if trained not in there} == {"ml.m5.large"}
    assert all(scored == trained for trained, scored in scored_on.items() if trained in there)
