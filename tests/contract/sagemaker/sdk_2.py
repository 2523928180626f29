"""The classic workflow of the SDK 2.x, run by its own interpreter; prints one line per step that is done.

It comes with a bucket, data, an image and a role in its environment; AWS's addresses are there too.
"""

import os
from pathlib import Path

import boto3
import sagemaker
from sagemaker.analytics import HyperparameterTuningJobAnalytics, TrainingJobAnalytics
from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model import ModelPackage
from sagemaker.serializers import CSVSerializer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
from sagemaker.xgboost import XGBoost

BUCKET, IMAGE, ROLE = os.environ["BUCKET"], os.environ["IMAGE"], os.environ["ROLE"]
INPUTS = {name: TrainingInput(os.environ[name.upper()], content_type="text/csv") for name in ("train", "validation")}
PARAMETERS = {"objective": "binary:logistic", "eval_metric": "auc", "num_round": 5}
INSTANCES = {"instance_count": 1, "instance_type": "ml.m5.large"}
SCRIPT = """
import argparse, os
import pandas
parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int)
rounds = parser.parse_args().rounds
rows = pandas.read_csv(os.environ["SM_CHANNEL_TRAIN"] + "/rows.csv", header=None)
with open(os.environ["SM_MODEL_DIR"] + "/result", "w") as result:
    result.write(f"{len(rows)} {rounds}")
"""

session = sagemaker.Session(boto3.Session(), default_bucket=BUCKET)


def estimator() -> Estimator:
    return Estimator(
        image_uri=IMAGE,
        role=ROLE,
        output_path=f"s3://{BUCKET}/sdk2/models",
        sagemaker_session=session,
        hyperparameters=PARAMETERS,
        **INSTANCES,
    )


def done(step: str) -> None:
    # The SDK may be in the middle of a line.
    print(f"\ndone: {step}", flush=True)


trained = estimator()
trained.fit(INPUTS, logs=False)
done("estimator")

attached = Estimator.attach(trained.latest_training_job.name, sagemaker_session=session)
assert attached.model_data == trained.model_data
done("attach")

analytics = TrainingJobAnalytics(trained.latest_training_job.name, ["validation:auc"], sagemaker_session=session)
assert len(analytics.dataframe(force_refresh=True))
done("analytics")

tuner = HyperparameterTuner(
    estimator(), "validation:auc", {"eta": ContinuousParameter(0.1, 0.5)}, max_jobs=2, max_parallel_jobs=2
)
tuner.fit(INPUTS)
trials = HyperparameterTuningJobAnalytics(tuner.latest_tuning_job.name, sagemaker_session=session).dataframe()
assert len(trials) == 2
done("tuner")

again = HyperparameterTuner.attach(tuner.latest_tuning_job.name, sagemaker_session=session)
assert again.best_training_job() == tuner.best_training_job()
assert again.best_estimator().model_data
done("tuner attach")

predictor = trained.deploy(1, "ml.m5.large", serializer=CSVSerializer(), deserializer=CSVDeserializer())
[[score]] = predictor.predict([1, 2, 3, 4])
assert 0 <= float(score) <= 1
predictor.delete_endpoint()
done("deploy")

transformer = trained.transformer(1, "ml.m5.large", output_path=f"s3://{BUCKET}/sdk2/scores")
transformer.transform(os.environ["REQUESTS"], content_type="text/csv", split_type="Line", logs=False)
done("transformer")

package = trained.register(
    ["text/csv"],
    ["text/csv"],
    ["ml.m5.large"],
    ["ml.m5.large"],
    model_package_group_name=os.environ["GROUP"],
    approval_status="Approved",
)
assert isinstance(package, ModelPackage)
done("register")

Path("train.py").write_text(SCRIPT, encoding="utf-8")
script = XGBoost(
    "train.py",
    framework_version="3.0-5",
    image_uri=IMAGE,
    role=ROLE,
    sagemaker_session=session,
    code_location=f"s3://{BUCKET}/sdk2/code",
    output_path=f"s3://{BUCKET}/sdk2/models",
    hyperparameters={"rounds": 3},
    **INSTANCES,
)
script.fit({"train": INPUTS["train"]}, logs=False)
done("script mode")
