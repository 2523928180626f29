"""Messages that wake start_tuning."""

from lakeloop.messages import Message, TrainingAsked
from tests.fakes import message
from tests.world import World


def job_ended(name: str, status: str = "Completed") -> Message:
    return message(
        {
            "detail-type": "SageMaker HyperParameter Tuning Job State Change",
            "detail": {"HyperParameterTuningJobName": name, "HyperParameterTuningJobStatus": status},
        }
    )


def told(reason: str = "person", **said: object) -> Message:
    return message(TrainingAsked.model_validate({"reason": reason, "dataset": "tiny", **said}).model_dump_json())


def asked(world: World, commit: str = "", **said: object) -> Message:
    where = {"repository": "lakeloop-test-tiny", "commit": commit or world.lake.head("")}
    given: dict[str, object] = {"id": "ask-1", "who": "arn:aws:iam::1:user/ada", "why": "new features", **where, **said}
    return told("person", **given)
