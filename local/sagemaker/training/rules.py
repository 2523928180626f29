"""What SageMaker demands of an algorithm and its channels beyond their shapes."""

from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import invalid
from lakeloop.local.sagemaker.training.images import image

OWN_METRICS = (
    "You can't override the metric definitions for Amazon SageMaker algorithms. "
    "Please retry the request without specifying metric definitions."
)
PIPE = "Pipe mode is not supported by this version of the XGBoost algorithm. Use File or FastFile."


def check_algorithm(definition: Document) -> None:
    """Of a training job or of a tuning job's trials. Raises ServiceError for the first rule that is broken."""
    specification = definition.get("AlgorithmSpecification", {})
    channels = definition.get("InputDataConfig", [])
    if ("TrainingImage" in specification) == ("AlgorithmName" in specification):
        raise invalid("You must specify either TrainingImage or AlgorithmName in AlgorithmSpecification, and not both.")
    names = [channel["ChannelName"] for channel in channels]
    if len(set(names)) < len(names):
        raise invalid(f"Channel names must be unique: {names}")
    for channel in channels:
        if "S3DataSource" not in channel["DataSource"]:
            raise invalid(f"Channel {channel['ChannelName']}: the local SageMaker reads data from S3 only.")
    _check_spot(definition)
    if not image(specification.get("TrainingImage", "")).built_in:
        return
    if specification.get("MetricDefinitions"):
        raise invalid(OWN_METRICS)
    if "Pipe" in {specification["TrainingInputMode"], *(channel.get("InputMode") for channel in channels)}:
        raise invalid(PIPE)


def _check_spot(definition: Document) -> None:
    stopping = definition.get("StoppingCondition", {})
    if not definition.get("EnableManagedSpotTraining"):
        if "MaxWaitTimeInSeconds" in stopping:
            raise invalid("MaxWaitTimeInSeconds cannot be specified when EnableManagedSpotTraining is not true.")
        return
    if stopping.get("MaxWaitTimeInSeconds", 0) < stopping.get("MaxRuntimeInSeconds", 86400):
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
        )
