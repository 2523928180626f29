"""The API keys of an environment, each of one caller."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lakeloop.client.errors import AdvisedError, MistakenNameError

if TYPE_CHECKING:
    from mypy_boto3_apigateway.client import APIGatewayClient

DEFAULT = "default"


class ApiKeys:
    """Reads keys that Terraform made, by the names of their callers."""

    def __init__(self, client: "APIGatewayClient", ids: Mapping[str, str]) -> None:
        self._client = client
        self._ids = ids

    def value(self, caller: str | None = None) -> str:
        """The key of a caller; without one, the first key that is enabled, `default` before others.

        Raises MistakenNameError for a caller who has none, AdvisedError where no key is enabled.
        """
        if caller is not None:
            return self._enabled(self._id(caller)) or self._refuse(f"the key of {caller} is disabled")
        for name in sorted(self._ids, key=lambda name: (name != DEFAULT, name)):
            if found := self._enabled(self._ids[name]):
                return found
        return self._refuse("no API key is enabled")

    def _id(self, caller: str) -> str:
        if caller not in self._ids:
            raise MistakenNameError(f"{caller!r} has no API key", f"there are keys of {', '.join(sorted(self._ids))}")
        return self._ids[caller]

    def _enabled(self, key_id: str) -> str | None:
        found = self._client.get_api_key(apiKey=key_id, includeValue=True)
        return found["value"] if found["enabled"] else None

    @staticmethod
    def _refuse(what: str) -> str:
        raise AdvisedError(what, "enable it in the variable `api_keys`, or add another, and run `terraform apply`")
