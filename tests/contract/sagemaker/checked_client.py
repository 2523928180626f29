"""Responses held against botocore's own output shapes, so that no test passes on an answer that AWS would not give."""

import json
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape


def check_responses(client: BaseClient) -> None:
    """From now on the client fails on a response that does not have its shape."""
    client.meta.events.register(f"after-call.{client.meta.service_model.service_id.hyphenize()}", _check)


def _check(http_response: AWSResponse, model: OperationModel, **_: object) -> None:
    if http_response.status_code == 200 and model.output_shape is not None:
        problems = list(problems_of(json.loads(http_response.content), model.output_shape, model.name))
        assert not problems, problems


def problems_of(value: Any, shape: Shape, path: str) -> list[str]:  # noqa: ANN401 - it is any JSON
    """What the shape does not allow: members missing or unknown, values outside an enumeration."""
    if isinstance(shape, StructureShape):
        found = [f"{path}: {name} is missing" for name in shape.required_members if name not in value]
        found += [f"{path}: {name} is unknown" for name in value if name not in shape.members]
        members = ((name, value[name], member) for name, member in shape.members.items() if name in value)
        return found + [each for name, item, member in members for each in problems_of(item, member, f"{path}.{name}")]
    if isinstance(shape, ListShape):
        return [each for item in value for each in problems_of(item, shape.member, f"{path}[]")]
    if isinstance(shape, MapShape):
        return [each for item in value.values() for each in problems_of(item, shape.value, f"{path}{{}}")]
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        return [f"{path}: {value} is not one of {shape.enum}"]
    return []
