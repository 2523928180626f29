"""What the planned roles, buckets, topics, queues and functions may do and are told, against the code they run."""

import json
import re
from fnmatch import fnmatchcase

import pytest

import lakeloop.settings
from tests.infra import handler_code
from tests.infra.planned import Resource, Values, environment_of, of_type
from tests.infra.running import INFRA

FUNCTIONS = sorted(path.name for path in (INFRA.parent / "lambdas").iterdir() if (path / "handler.py").exists())

# Calls of which IAM knows no resources.
WITHOUT_RESOURCES = {
    "application-autoscaling:DescribeScalableTargets",
    # Of composite alarms it tells only whom it is allowed on all:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "lambda:ListEventSourceMappings",
    "lambda:ListLayerVersions",
    "sagemaker:ListEndpointConfigs",
    "sagemaker:ListEndpoints",
    "sagemaker:ListHyperParameterTuningJobs",
    "sagemaker:ListModelPackageGroups",
    "sagemaker:ListModels",
    "sagemaker:ListTransformJobs",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}

# What Lambda itself does in a function's name.
BY_LAMBDA = {
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}

# Rights that AWS asks for under another name than the call's, or beside it.
ALSO_NEEDED = {
    "s3:HeadObject": {"s3:GetObject"},
    "s3:ListObjectVersions": {"s3:ListBucketVersions"},
    "s3:ListObjectsV2": {"s3:ListBucket"},
    "sqs:ChangeMessageVisibilityBatch": {"sqs:ChangeMessageVisibility"},
    "sagemaker:CreateEndpoint": {"sagemaker:CreateEndpoint", "sagemaker:AddTags"},
    "sagemaker:CreateEndpointConfig": {"sagemaker:CreateEndpointConfig", "sagemaker:AddTags"},
    "sagemaker:CreateHyperParameterTuningJob": {
        "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:AddTags",
        "iam:PassRole",
    },
    # Where somebody has the endpoint scaled automatically, AWS ends that in the caller's name.
    "sagemaker:DeleteEndpoint": {
        "sagemaker:DeleteEndpoint",
        "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:DescribeScalableTargets",
    },
    "sagemaker:CreateModel": {"sagemaker:CreateModel", "sagemaker:AddTags", "iam:PassRole"},
}

# Functions that are another's handler behind a queue of their own.
SAME_CODE = {"replay_landing": "transform_data"}

ENCRYPTED_BY = {
    "aws_cloudwatch_log_group": "kms_key_id",
    "aws_lambda_function": "kms_key_arn",
    "aws_secretsmanager_secret": "kms_key_id",
    "aws_sns_topic": "kms_master_key_id",
    "aws_sqs_queue": "kms_master_key_id",
}


def policy_of(plan: list[Resource], function: str) -> list[Values]:
    return next(
        json.loads(resource.values["policy"])["Statement"]
        for resource in of_type(plan, "aws_iam_role_policy")
        if f'["{function}"]' in resource.address
    )


def test_every_handler_is_deployed(plan: list[Resource]) -> None:
    deployed = {resource.values["function_name"] for resource in of_type(plan, "aws_lambda_function")}

    handlers = {*FUNCTIONS, *SAME_CODE}
    assert deployed == {f"lakeloop-test-{function.replace('_', '-')}" for function in handlers}


@pytest.mark.parametrize(("function", "code"), SAME_CODE.items())
def test_a_function_of_the_same_code_has_the_same_rights_and_settings(
    plan: list[Resource], function: str, code: str
) -> None:
    def own(text: str) -> str:
        return text.replace(function, code).replace(function.replace("_", "-"), code.replace("_", "-"))

    assert json.loads(own(json.dumps(policy_of(plan, function)))) == policy_of(plan, code)
    told, expected = environment_of(plan, function), environment_of(plan, code)
    # Planned URLs end in a domain that is made up anew each time.
    differ = {name for name in told | expected if told.get(name) != expected.get(name)}
    assert differ <= {"QUEUE_URL", "DLQ_URL", "POWERTOOLS_SERVICE_NAME"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_may_make_the_calls_of_its_code_and_no_others(plan: list[Resource], function: str) -> None:
    granted = {action for statement in policy_of(plan, function) for action in statement["Action"]} - BY_LAMBDA
    needed = {right for call in handler_code.calls(function) for right in ALSO_NEEDED.get(call, {call})}

    # S3 answers 404 instead of 403 to those who may list.
    assert granted | {"s3:ListBucket"} == needed | {"s3:ListBucket"}
    assert needed <= granted


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_is_told_what_its_settings_read(plan: list[Resource], function: str) -> None:
    environment = {**environment_of(plan, function), "AWS_REGION": "us-east-1"}

    settings = getattr(lakeloop.settings, handler_code.settings_class(function)).model_validate(environment)

    assert settings.function == function
    assert settings.name_prefix == "lakeloop-test"


def test_no_role_is_granted_a_wildcard_action(plan: list[Resource]) -> None:
    for resource in of_type(plan, "aws_iam_role_policy"):
        for statement in json.loads(resource.values["policy"])["Statement"]:
            assert not [action for action in statement["Action"] if "*" in action], resource.address


def test_only_calls_without_resources_are_granted_on_all(plan: list[Resource]) -> None:
    for resource in of_type(plan, "aws_iam_role_policy"):
        for statement in json.loads(resource.values["policy"])["Statement"]:
            if "*" in statement["Resource"]:
                assert set(statement["Action"]) <= WITHOUT_RESOURCES, resource.address


def test_no_function_reaches_what_another_environment_owns(plan: list[Resource]) -> None:
    """Names of the account's other environments start with another prefix."""
    owned = re.compile(r"arn:aws:(s3|sns|sqs|sagemaker|lambda):")
    for resource in of_type(plan, "aws_iam_role_policy"):
        for statement in json.loads(resource.values["policy"])["Statement"]:
            for arn in filter(owned.match, statement["Resource"]):
                assert "lakeloop-test-" in arn, f"{resource.address}: {arn}"


def test_the_execution_role_is_handed_to_sagemaker_only(plan: list[Resource]) -> None:
    passing = [
        statement
        for resource in of_type(plan, "aws_iam_role_policy")
        for statement in json.loads(resource.values["policy"])["Statement"]
        if "iam:PassRole" in statement["Action"]
    ]

    assert len(passing) == 3
    for statement in passing:
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        assert "*" not in "".join(statement["Resource"])


def test_everything_that_stores_is_encrypted_with_the_key(plan: list[Resource]) -> None:
    (key,) = of_type(plan, "aws_kms_key")

    for resource in plan:
        if resource.type in ENCRYPTED_BY:
            assert resource.values[ENCRYPTED_BY[resource.type]] == key.values["arn"], resource.address
    settings = of_type(plan, "aws_s3_bucket_server_side_encryption_configuration")
    assert len(settings) == len(of_type(plan, "aws_s3_bucket"))
    for setting in settings:
        (rule,) = setting.values["rule"]
        assert rule["apply_server_side_encryption_by_default"][0]["kms_master_key_id"] == key.values["arn"]


def test_no_current_version_goes_away_by_itself_but_every_delete_marker_that_hides_nothing(
    plan: list[Resource],
) -> None:
    lifecycles = of_type(plan, "aws_s3_bucket_lifecycle_configuration")

    assert len(lifecycles) == len(of_type(plan, "aws_s3_bucket"))
    for lifecycle in lifecycles:
        expiring = {rule["id"]: rule["expiration"] for rule in lifecycle.values["rule"] if rule["expiration"]}
        # The rule without a filter, so that it holds for the whole bucket. Days are not planned, thus not asked for.
        # Predictions and their labels are kept for a time, and answers of Athena's.
        forgotten: dict[str, object] = {}
        if "captures" in lifecycle.address:
            forgotten = {"forget": [{"date": None, "days": 90}]}
        elif "artifacts" in lifecycle.address:
            forgotten = {"forget-answers": [{"date": None, "days": 30}]}
        assert expiring == {"tidy": [{"date": None, "expired_object_delete_marker": True}], **forgotten}
        (tidy,) = (rule for rule in lifecycle.values["rule"] if rule["id"] == "tidy")
        assert not any(value for limits in tidy["filter"] for value in limits.values())


def test_the_lakefs_key_pair_is_in_no_resource(plan: list[Resource]) -> None:
    planned = json.dumps([resource.values for resource in plan])

    assert "id-of-lakefs" not in planned
    assert "secret-of-lakefs" not in planned


def test_the_reaper_is_told_every_queue_rule_and_layer_by_its_whole_name(plan: list[Resource]) -> None:
    settings = lakeloop.settings.ReaperSettings.model_validate(environment_of(plan, "reap_endpoints"))

    mappings = of_type(plan, "aws_lambda_event_source_mapping")
    assert len(settings.queues) == len(mappings)
    queues = {resource.values["name"] for resource in of_type(plan, "aws_sqs_queue")}
    assert {arn.rpartition(":")[2] for arn in settings.queues} <= queues
    layers = {resource.values["layer_name"] for resource in of_type(plan, "aws_lambda_layer_version")}
    assert set(settings.layers) == layers
    assert set(settings.rules) == {rule.values["name"] for rule in of_type(plan, "aws_cloudwatch_event_rule")}


def test_no_function_may_touch_tuning_jobs_of_an_environment_whose_name_begins_alike(plan: list[Resource]) -> None:
    """Job names are the prefix and 12 characters, trials' names those and more: a longer prefix does not fit."""
    jobs = re.compile(r"(hyper-parameter-tuning-job|training-job)/(.*)")
    patterns = [
        match
        for resource in of_type(plan, "aws_iam_role_policy")
        for statement in json.loads(resource.values["policy"])["Statement"]
        for arn in statement["Resource"]
        if (match := jobs.search(arn))
    ]

    assert patterns
    for match in patterns:
        ours, theirs = "lakeloop-test-abcd01234567", "lakeloop-test-alice-abcd01234567"
        trial = "-001-0123abcd" if match[1] == "training-job" else ""
        assert fnmatchcase(ours + trial, match[2])
        assert not fnmatchcase(theirs, match[2])


CHANGING = re.compile(r"sagemaker:(Add|Create|Delete|Invoke|Stop|Update)")
OURS = {"aws:ResourceTag/lakeloop:environment": "lakeloop-test"}
ASKED = {"aws:RequestTag/lakeloop:environment": "lakeloop-test"}
# A version of a model has the tags of its group.
UNTAGGED = {"sagemaker:CreateModelPackage"}


def test_whatever_changes_or_invokes_what_another_environment_may_own_asks_for_the_tag(plan: list[Resource]) -> None:
    """`lakeloop-test-2-wine` is called as things of `lakeloop-test` are; its tag tells it apart."""
    changing = [
        (action, statement.get("Condition"))
        for resource in of_type(plan, "aws_iam_role_policy")
        for statement in json.loads(resource.values["policy"])["Statement"]
        for action in statement["Action"]
        if CHANGING.match(action)
    ]

    assert {action for action, _ in changing} >= {"sagemaker:CreateModel", "sagemaker:DeleteEndpoint"}
    for action, condition in changing:
        if "Create" in action and action not in UNTAGGED:
            assert condition == {"StringEquals": ASKED, "StringEqualsIfExists": OURS}, action
        elif "Add" in action:
            assert condition == {"StringEqualsIfExists": OURS | ASKED}, action
        else:
            assert condition == {"StringEqualsIfExists": OURS}, action
