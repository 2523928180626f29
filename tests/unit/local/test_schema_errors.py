"""The sentences of API Gateway's validator."""

import pytest

from lakeloop.local.aws.schema_errors import validation_message

SCHEMA = {
    "type": "object",
    "required": ["features"],
    "additionalProperties": False,
    "properties": {
        "features": {"type": "object"},
        "inference_id": {"type": "string"},
        "weight": {"type": "number"},
        "note": {"type": ["string", "null"]},
    },
}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, 'object has missing required properties ([\\"features\\"])'),
        ([], 'instance type (array) does not match any allowed primitive type (allowed: [\\"object\\"])'),
        (
            {"features": {}, "b": 1, "a": 2},
            'object instance has properties which are not allowed by the schema: [\\"a\\",\\"b\\"]',
        ),
        (
            {"features": 7, "inference_id": True},
            'instance type (integer) does not match any allowed primitive type (allowed: [\\"object\\"]), '
            'instance type (boolean) does not match any allowed primitive type (allowed: [\\"string\\"])',
        ),
        (
            {"features": {}, "weight": None},
            'instance type (null) does not match any allowed primitive type (allowed: [\\"number\\"])',
        ),
        (
            {"features": {}, "weight": 3, "note": 1.5},
            'instance type (number) does not match any allowed primitive type (allowed: [\\"string\\",\\"null\\"])',
        ),
    ],
)
def test_a_problem_is_told_as_api_gateway_tells_it(document: object, message: str) -> None:
    assert validation_message(SCHEMA, document) == f"[{message}]"


def test_a_keyword_that_is_not_told_apart_still_gives_a_sentence() -> None:
    assert validation_message({"minProperties": 1}, {}) == "[instance does not match the schema]"
