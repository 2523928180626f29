"""What the metadata of a model version says of where it comes from, and how it was judged.

The keys are those of a model package's CustomerMetadataProperties.
"""

import re
from collections.abc import Mapping

DATASET = "dataset"
REPOSITORY = "repository"
DATA_COMMIT = "data_commit"
RECIPE = "recipe"
# Digest of the contract that it was trained with; the contract itself is at `names.model_contract_key`.
CONTRACT = "contract"
TUNING_JOB = "tuning_job"
TRAINING_JOB = "training_job"
GIT_SHA = "git_sha"
# The metric that the tuning job was after, and what the model reached on the validation split.
METRIC = "metric"
VALUE = "value"
TUNING_STATUS = "tuning_status"
CORRELATION = "correlation_id"
# What served when it was judged: the ARN of that version, or its training job; `NOBODY` for a first model.
CHAMPION = "champion"
NOBODY = "none"
# The promotion rule's reasons in one sentence; the whole of them is at `ModelVersion.evaluation`.
VERDICT = "verdict"
# Who approved or rejected it last: a name of AWS's, or that of a rule of ours; and when, in ISO 8601.
DECIDED_BY = "decided_by"
DECIDED_AT = "decided_at"
# What the rule made of it: another approval than this is that of a person, who may have used the console.
RULED = "ruled"

# Values of DECIDED_BY that are not people.
RULE = "lakeloop promotion rule"
DEPLOYER = "lakeloop deploy_model"

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html, CustomerMetadataProperties:
# letters, digits, blanks and a few signs, 1 to 256 characters.
LONGEST_VALUE = 256
_FOREIGN = re.compile(r"[^\w \N{NO-BREAK SPACE}.:/=+\-@]")


def as_metadata(values: Mapping[str, str]) -> dict[str, str]:
    """The values as SageMaker takes them.

    Other signs become blanks, what is too long is cut, and empty values are left out.
    """
    cleaned = {key: " ".join(_FOREIGN.sub(" ", value).split()) for key, value in values.items()}
    return {key: value[:LONGEST_VALUE].rstrip() for key, value in cleaned.items() if value}
