"""What SageMaker says that is recorded: of tuning jobs, versions of models and endpoints."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from lakeloop.errors import MalformedMessageError
from lakeloop.messages import unwrapped
from lakeloop.state_changes import EndpointStateChange, TuningStateChange


class VersionDetail(BaseModel):
    group: str = Field(alias="ModelPackageGroupName")


class VersionStateChange(BaseModel):
    """Only the group is taken of it: the event may be old, so its versions are asked for."""

    detail_type: Literal["SageMaker Model Package State Change"] = Field(alias="detail-type")
    detail: VersionDetail


Change = TuningStateChange | VersionStateChange | EndpointStateChange
_CHANGE: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="detail_type")])


def parse(body: str) -> Change:
    try:
        return _CHANGE.validate_json(unwrapped(body))
    except ValidationError as error:
        raise MalformedMessageError(f"not a state change that is recorded: {error}") from error
