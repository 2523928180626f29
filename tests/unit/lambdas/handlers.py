"""A handler as Lambda loads it: one module, which reads its environment and makes its clients when it is imported."""

import importlib.util
from types import ModuleType

import pytest

from tests.data import ROOT


class Context:
    """What the logger asks of Lambda's context."""

    function_name = "f"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    aws_request_id = "request-1"


def load(monkeypatch: pytest.MonkeyPatch, function: str, **settings: str) -> ModuleType:
    common = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NAME_PREFIX": "lakeloop-test",
        "ARTIFACTS_BUCKET": "artifacts",
        "CONTRACTS_INDEX": "",
        "POWERTOOLS_SERVICE_NAME": function,
        "GIT_SHA": "0" * 40,
    }
    for name, value in (common | settings).items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location(f"handler_{function}", ROOT / "lambdas" / function / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
