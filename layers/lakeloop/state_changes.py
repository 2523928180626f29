"""SageMaker's state changes, as EventBridge hands them on."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from lakeloop.errors import MalformedMessageError
from lakeloop.messages import unwrapped


class TuningDetail(BaseModel):
    name: str = Field(alias="HyperParameterTuningJobName")


class EndpointDetail(BaseModel):
    name: str = Field(alias="EndpointName")


class TuningStateChange(BaseModel):
    """Only the name is trusted: the event may be old, so the state is asked for."""

    detail_type: Literal["SageMaker HyperParameter Tuning Job State Change"] = Field(alias="detail-type")
    detail: TuningDetail


class EndpointStateChange(BaseModel):
    """Statuses are spelled otherwise here (`IN_SERVICE`) than in the API, one more reason to ask."""

    detail_type: Literal["SageMaker Endpoint State Change"] = Field(alias="detail-type")
    detail: EndpointDetail


class AnyEvent(BaseModel):
    """An event of EventBridge, of whatever kind."""

    detail_type: str = Field(alias="detail-type")


StateChange = Annotated[TuningStateChange | EndpointStateChange, Field(discriminator="detail_type")]
_STATE_CHANGE: TypeAdapter[TuningStateChange | EndpointStateChange] = TypeAdapter(StateChange)


def parse(body: str) -> TuningStateChange | EndpointStateChange:
    try:
        return _STATE_CHANGE.validate_json(unwrapped(body))
    except ValidationError as error:
        raise MalformedMessageError(f"not a state change of a tuning job or an endpoint: {error}") from error


def is_event(body: str) -> bool:
    try:
        AnyEvent.model_validate_json(unwrapped(body))
    except ValidationError:
        return False
    return True
