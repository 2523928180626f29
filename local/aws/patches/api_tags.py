"""Tags that are put on a part of API Gateway, or taken off, show where the part is described.

Gap in ministack: TagResource and UntagResource keep tags apart from those the part was made with, and only GetTags
answers them; Terraform's provider reads the part itself.
"""

from collections.abc import Callable, Sequence
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.apigateway_v1"
TAG = PrivateName(MODULE, "_tag_v1_resource", ("resource_arn", "data"))
UNTAG = PrivateName(MODULE, "_untag_v1_resource", ("resource_arn", "tag_keys"))
STORES = {
    "restapis": PrivateName(MODULE, "_rest_apis"),
    "apikeys": PrivateName(MODULE, "_api_keys"),
    "usageplans": PrivateName(MODULE, "_usage_plans"),
    "domainnames": PrivateName(MODULE, "_domain_names"),
}
STAGES = PrivateName(MODULE, "_stages_v1")
TOUCHES = (TAG, UNTAG, STAGES, *STORES.values())

DONE = 204


def apply(settings: Settings) -> None:
    TAG.wrap(tagging)
    UNTAG.wrap(untagging)


def tagging(original: Callable[[str, dict[str, Any]], Any]) -> Callable[[str, dict[str, Any]], Any]:
    def tag(resource_arn: str, data: dict[str, Any]) -> Any:  # noqa: ANN401 - ministack's own answer
        answer = original(resource_arn, data)
        if answer[0] == DONE:
            described_tags(resource_arn).update(data.get("tags", {}))
        return answer

    return tag


def untagging(original: Callable[[str, Sequence[str]], Any]) -> Callable[[str, Sequence[str]], Any]:
    def untag(resource_arn: str, tag_keys: Sequence[str]) -> Any:  # noqa: ANN401 - ministack's own answer
        answer = original(resource_arn, tag_keys)
        if answer[0] == DONE:
            for key in tag_keys:
                described_tags(resource_arn).pop(key, None)
        return answer

    return untag


def described_tags(resource_arn: str) -> dict[str, str]:
    """The tags in the description of a part that is there: `arn:aws:apigateway:REGION::/KIND/ID[/stages/NAME]`."""
    kind, name, *stage = resource_arn.partition("::/")[2].split("/")
    part = STAGES.get()[name][stage[1]] if stage else STORES[kind].get()[name]
    tags: dict[str, str] = part.setdefault("tags", {})
    return tags
