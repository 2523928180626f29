"""SageMaker's state changes, as EventBridge hands them on."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from lakeloop.errors import MalformedMessageError
from lakeloop.messages import unwrapped


class TuningDetail(BaseModel):
    name: str = Field(alias="HyperParameterTuningJobName")


class EndpointDetail(BaseModel):
    name: str = Field(alias="EndpointName")


class TransformDetail(BaseModel):
    name: str = Field(alias="TransformJobName")


class PackageDetail(BaseModel):
    group: str = Field(alias="ModelPackageGroupName")


class TuningStateChange(BaseModel):
    """Only the name is trusted: the event may be old, so the state is asked for."""

    detail_type: Literal["SageMaker HyperParameter Tuning Job State Change"] = Field(alias="detail-type")
    detail: TuningDetail


class EndpointStateChange(BaseModel):
    """Statuses are spelled otherwise here (`IN_SERVICE`) than in the API, one more reason to ask."""

    detail_type: Literal["SageMaker Endpoint State Change"] = Field(alias="detail-type")
    detail: EndpointDetail


class TransformStateChange(BaseModel):
    detail_type: Literal["SageMaker Transform Job State Change"] = Field(alias="detail-type")
    detail: TransformDetail


class PackageStateChange(BaseModel):
    """Sent for any change of a version: who marks one is told so, too, with the approval that it has."""

    detail_type: Literal["SageMaker Model Package State Change"] = Field(alias="detail-type")
    detail: PackageDetail


class AnyEvent(BaseModel):
    """An event of EventBridge, of whatever kind."""

    detail_type: str = Field(alias="detail-type")


StateChange = TuningStateChange | TransformStateChange | PackageStateChange | EndpointStateChange
_STATE_CHANGE: TypeAdapter[StateChange] = TypeAdapter(Annotated[StateChange, Field(discriminator="detail_type")])


def parse(body: str) -> StateChange:
    try:
        return _STATE_CHANGE.validate_json(unwrapped(body))
    except ValidationError as error:
        raise MalformedMessageError(f"not a state change of SageMaker's: {error}") from error


def is_event(body: str) -> bool:
    try:
        AnyEvent.model_validate_json(unwrapped(body))
    except ValidationError:
        return False
    return True
