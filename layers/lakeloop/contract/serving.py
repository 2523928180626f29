"""What a model is served on."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lakeloop.contract.base import ContractModel


class Serverless(ContractModel):
    """Size of a serverless endpoint."""

    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144]
    max_concurrency: Annotated[int, Field(ge=1, le=200)]


class Instances(ContractModel):
    """Size of an endpoint on instances."""

    instance_type: Annotated[str, Field(pattern=r"^ml\.")]
    count: Annotated[int, Field(ge=1)]


class Serving(ContractModel):
    """Exactly one of the two kinds of endpoint."""

    serverless: Serverless | None = None
    instances: Instances | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.serverless is None) == (self.instances is None):
            raise ValueError("serving: give either `serverless` or `instances`")
        return self
