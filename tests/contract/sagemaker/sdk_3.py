"""Training, tuning and serving with the SDK 3.x, run by its own interpreter; prints one line per step that is done.

It comes with a bucket, data, an image and a role in its environment; AWS's addresses are there too.
"""

import os

import boto3
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.parameter import ContinuousParameter
from sagemaker.core.resources import Endpoint, EndpointConfig, HyperParameterTuningJob, Model, TrainingJob
from sagemaker.core.shapes import ContainerDefinition, OutputDataConfig, ProductionVariant
from sagemaker.core.training.configs import Compute, InputData
from sagemaker.train.model_trainer import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner

BUCKET, IMAGE, ROLE = os.environ["BUCKET"], os.environ["IMAGE"], os.environ["ROLE"]
INPUTS = [
    InputData(channel_name=name, data_source=os.environ[name.upper()], content_type="text/csv")
    for name in ("train", "validation")
]
NAME = os.environ["GROUP"]

session = Session(boto3.Session(), default_bucket=BUCKET)


def done(step: str) -> None:
    # The SDK may be in the middle of a line.
    print(f"\ndone: {step}", flush=True)


trainer = ModelTrainer(
    training_image=IMAGE,
    role=ROLE,
    sagemaker_session=session,
    compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=5),
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/sdk3/models"),
    hyperparameters={"objective": "binary:logistic", "eval_metric": "auc", "num_round": 5},
)
trainer.train(input_data_config=INPUTS, logs=False)
job = TrainingJob.get(trainer._latest_training_job.training_job_name)
assert job.training_job_status == "Completed"
done("trainer")

tuner = HyperparameterTuner(
    trainer, "validation:auc", {"eta": ContinuousParameter(0.1, 0.5)}, max_jobs=2, max_parallel_jobs=2
)
tuner.tune(INPUTS)
[*_, tuning] = HyperParameterTuningJob.get_all()
assert tuning.hyper_parameter_tuning_job_status == "Completed"
done("tuner")

container = ContainerDefinition(image=IMAGE, model_data_url=job.model_artifacts.s3_model_artifacts)
Model.create(model_name=NAME, primary_container=container, execution_role_arn=ROLE)
variant = ProductionVariant(
    variant_name="AllTraffic", model_name=NAME, instance_type="ml.m5.large", initial_instance_count=1
)
EndpointConfig.create(endpoint_config_name=NAME, production_variants=[variant])
endpoint = Endpoint.create(endpoint_name=NAME, endpoint_config_name=NAME)
endpoint.wait_for_status("InService")
answer = endpoint.invoke(body="1,2,3,4", content_type="text/csv")
assert 0 <= float(answer.body.read()) <= 1
endpoint.delete()
done("endpoint")
