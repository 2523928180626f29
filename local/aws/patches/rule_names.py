"""A rule on the default event bus is known to policies as `rule/NAME`.

Gap in ministack: it asks the policies about `rule/default/NAME`, a form that AWS keeps for other buses, so that a
policy as AWS wants it denies. Only noticed where policies are enforced.
"""

from collections.abc import Callable
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

EXTRACT = PrivateName("ministack.core.iam_actions", "extract_resource_arn")
TOUCHES = (EXTRACT,)

DEFAULT_BUS = ":rule/default/"


def apply(settings: Settings) -> None:
    EXTRACT.wrap(with_short_names)


def with_short_names(original: Callable[..., Any]) -> Callable[..., Any]:
    def extract(*arguments: object, **options: object) -> Any:  # noqa: ANN401 - ministack's own answer
        arn = original(*arguments, **options)
        return arn.replace(DEFAULT_BUS, ":rule/", 1) if isinstance(arn, str) and ":events:" in arn else arn

    return extract
