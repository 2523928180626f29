"""What a model is served on."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from lakeloop.contract.base import Broken, ContractModel
from lakeloop.contract.training import InstanceType


class Serverless(ContractModel):
    """Size of a serverless endpoint."""

    memory_mb: Annotated[int, Field(ge=1024, le=6144, multiple_of=1024)]
    """Memory of the endpoint."""
    max_concurrency: Annotated[int, Field(ge=1, le=200)]
    """Requests at a time."""


class Instances(ContractModel):
    """Size of an endpoint on instances."""

    instance_type: InstanceType
    """What the endpoint runs on."""
    count: Annotated[int, Field(ge=1)]
    """Instances."""


class Serving(ContractModel):
    """One of the two kinds of endpoint; left out, a serverless one."""

    serverless: Serverless | None = None
    """An endpoint that costs while it answers."""
    instances: Instances | None = None
    """An endpoint on instances of its own."""

    def broken_rules(self) -> Iterator[Broken]:
        if self.serverless is not None and self.instances is not None:
            yield Broken((), "either serverless or instances", "both")

    @property
    def size(self) -> Serverless | Instances:
        return self.instances or self.serverless or Serverless(memory_mb=2048, max_concurrency=5)
