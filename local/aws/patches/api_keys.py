"""An API key created without a value gets a generated one.

Gap in ministack: Terraform's provider sends `"value": ""` for "generate one", as AWS reads it; ministack refuses it as
shorter than 20 characters.
"""

from collections.abc import Callable
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

CREATE_API_KEY = PrivateName("ministack.services.apigateway_v1", "_create_api_key", ("data",))
TOUCHES = (CREATE_API_KEY,)


def apply(settings: Settings) -> None:
    def wrapper(original: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
        return lambda data: original({key: value for key, value in data.items() if key != "value" or value})

    CREATE_API_KEY.wrap(wrapper)
