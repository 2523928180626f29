"""MLflow's REST API: one call at a time, and what its errors mean.

https://mlflow.org/docs/latest/rest-api.html
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import urllib3

from lakeloop.adapters.secrets import BasicCredentials
from lakeloop.errors import NotPermittedError, PermanentError, TransientError
from lakeloop.side_by_side import THREADS

API = "/api/2.0/mlflow/"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/"
# Nothing is tried again here: after a lost answer a run would be made twice. The queue tries again, and looks first.
TIMEOUT = urllib3.Timeout(connect=3, read=20)
MISSING = "RESOURCE_DOES_NOT_EXIST"
# An alias that is not there has no error code of its own.
NO_ALIAS = re.compile(r"Registered model alias .* not found\.")


Credentials = Callable[[], BasicCredentials | None]


class MissingError(Exception):
    """MLflow knows nothing of that name."""


class MlflowCalls:
    """A server by its tracking URI. Credentials are read when it first refuses, and again when it refuses those."""

    def __init__(self, uri: str, credentials: Credentials) -> None:
        self._uri = uri.rstrip("/")
        self._credentials = credentials
        self._headers: dict[str, str] = {}
        self._pool = urllib3.PoolManager(maxsize=THREADS, retries=False, timeout=TIMEOUT)

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self._json("GET", path, fields=query)

    def post(self, path: str, **body: object) -> dict[str, Any]:
        return self._json("POST", path, json=body)

    def patch(self, path: str, **body: object) -> dict[str, Any]:
        return self._json("PATCH", path, json=body)

    def delete(self, path: str, **body: object) -> dict[str, Any]:
        return self._json("DELETE", path, json=body)

    def upload(self, artifact_uri: str, path: str, body: bytes) -> None:
        """Put a file below an address that the server hands out itself."""
        scheme, _, place = artifact_uri.partition(":")
        if scheme != "mlflow-artifacts":
            raise PermanentError(
                f"MLflow keeps artifacts at {artifact_uri}, past the server: start it with --serve-artifacts and "
                "--artifacts-destination, and delete the experiment so that it is made anew",
                subject=artifact_uri,
            )
        # Between two slashes and the next may stand the server's own name.
        if place.startswith("//"):
            place = place[2:].partition("/")[2]
        self._request("PUT", f"{ARTIFACTS}{place.strip('/')}/{path}", body=body)

    def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401 urllib3's own
        answer = self._request(method, API + path, **request)
        try:
            found: dict[str, Any] = json.loads(answer or b"{}")
        except ValueError as error:
            raise PermanentError(f"{self._uri} answers {path} with something that is no JSON: is it MLflow?") from error
        return found

    def _request(self, method: str, path: str, **request: Any) -> bytes:  # noqa: ANN401 urllib3's own
        answer = self._send(method, path, **request)
        if answer.status == 401 and (known := self._credentials()):
            secret = f"{known.username}:{known.password.get_secret_value()}"
            self._headers = dict(urllib3.make_headers(basic_auth=secret))
            answer = self._send(method, path, **request)
        if answer.status >= 400:
            raise self._refusal(method, path, answer)
        return answer.data

    def _send(self, method: str, path: str, **request: Any) -> urllib3.BaseHTTPResponse:  # noqa: ANN401 urllib3's own
        try:
            return self._pool.request(method, self._uri + path, headers=dict(self._headers), **request)
        except urllib3.exceptions.HTTPError as error:
            raise TransientError(f"MLflow at {self._uri} does not answer: {error}", subject=self._uri) from error

    def _refusal(self, method: str, path: str, answer: urllib3.BaseHTTPResponse) -> Exception:
        said = said_by(answer.data)
        if said.get("error_code") == MISSING or NO_ALIAS.fullmatch(said.get("message", "")):
            return MissingError(said.get("message", path))
        told = f"MLflow at {self._uri} answers {answer.status} to {method} {path}: {said.get('message', '')}".rstrip()
        if answer.status == 429 or answer.status >= 500:
            return TransientError(told, subject=self._uri)
        if answer.status == 401:
            return NotPermittedError(
                f"{told}. Write a user's name and password into the secret of mlflow_credentials_secret_arn",
                subject=self._uri,
            )
        if answer.status == 403:
            return NotPermittedError(
                f"{told}. Give the user the right, or name this address in the server's --allowed-hosts, with its port",
                subject=self._uri,
            )
        return PermanentError(told, subject=self._uri)


def said_by(body: bytes) -> Mapping[str, str]:
    """MLflow's own error, or the beginning of somebody else's page."""
    try:
        found = json.loads(body)
    except ValueError:
        return {"message": body[:200].decode(errors="replace")}
    return found if isinstance(found, dict) else {}
