"""Requests checked against botocore's own model of the service."""

from collections.abc import Mapping

import boto3
from botocore.validate import ParamValidator


def request_errors(operation: str, request: Mapping[str, object]) -> str:
    """What botocore would say to the request, nothing when it would send it."""
    model = boto3.client("sagemaker", "us-east-1").meta.service_model.operation_model(operation)
    assert model.input_shape is not None
    return str(ParamValidator().validate(dict(request), model.input_shape).generate_report())
