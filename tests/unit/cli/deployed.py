"""Terraform's outputs of an environment that the tests of the command can use."""

from cli.environment import Environment, Outputs

FUNCTIONS = ("transform_data", "start_tuning", "deploy_model", "predict")
CHAINS = FUNCTIONS[:3]
ACCOUNT = "123456789012"
QUEUES = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}"


def _name(function: str) -> str:
    return f"lakeloop-test-{function.replace('_', '-')}"


OUTPUTS: dict[str, object] = {
    "name_prefix": "lakeloop-test",
    "region": "us-east-1",
    "landing_bucket": f"lakeloop-test-landing-{ACCOUNT}",
    "artifacts_bucket": f"lakeloop-test-artifacts-{ACCOUNT}",
    "lakefs_endpoint": "http://lakefs.internal",
    "lakefs_secret_arn": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:lakefs",
    "api_id": "abc123",
    "api_stage": "v1",
    "api_url": "https://abc123.execute-api.us-east-1.amazonaws.com/v1/",
    "api_key_id": "key1",
    "datasets": ["breast_cancer"],
    "chains": {
        chain: {
            "topic_arn": f"arn:aws:sns:us-east-1:{ACCOUNT}:{_name(chain)}",
            "queue_url": f"{QUEUES}/{_name(chain)}",
            "dlq_url": f"{QUEUES}/{_name(chain)}-dlq",
            "function_name": _name(chain),
            "log_group": f"/aws/lambda/{_name(chain)}",
        }
        for chain in CHAINS
    },
    "functions": {name: {"name": _name(name), "log_group": f"/aws/lambda/{_name(name)}"} for name in FUNCTIONS},
}


def deployed() -> Environment:
    return Environment(Outputs.model_validate(OUTPUTS))
