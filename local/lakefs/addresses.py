"""Addresses that a repository hands out for objects, and the proof that it did."""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid

from lakeloop.local.lakefs.errors import BadRequest
from lakeloop.local.lakefs.objects import Address
from lakeloop.local.lakefs.repositories import Repository

LINK_SECONDS = 24 * 3600


def _data_prefix(repository: Repository) -> str:
    return repository.storage_namespace.rstrip("/") + "/data/"


def new(repository: Repository) -> Address:
    """A place for an object that the server writes itself."""
    return Address.parse(_data_prefix(repository) + uuid.uuid4().hex)


class Signer:
    """Signs the addresses a client writes to, so that it can link them only where and while it was told to."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def new(self, repository: Repository, branch: str, path: str) -> Address:
        name = f"{int(time.time()):x}-{uuid.uuid4().hex}"
        return Address.parse(f"{_data_prefix(repository)}{name},{self._sign(repository, branch, path, name)}")

    def check(self, repository: Repository, branch: str, path: str, address: Address) -> None:
        """Refuse a place for data that was not given out for this path; other addresses are the client's affair."""
        if not str(address).startswith(_data_prefix(repository)):
            return
        name, _, signature = str(address).removeprefix(_data_prefix(repository)).partition(",")
        if not hmac.compare_digest(signature.encode(), self._sign(repository, branch, path, name).encode()):
            raise BadRequest(f"link address invalid: {address} was not given out for {path!r} on branch {branch}")
        issued = int(name.partition("-")[0], 16)
        if time.time() - issued > LINK_SECONDS:
            raise BadRequest(f"link address expired: {address} was given out more than {LINK_SECONDS // 3600} h ago")

    def _sign(self, repository: Repository, branch: str, path: str, name: str) -> str:
        facts = "\0".join((repository.uid, branch, path, name))
        return hmac.new(self._secret, facts.encode(), hashlib.sha256).hexdigest()
