"""The installation's one user, as in open-source lakeFS: one name, one pair of keys, all rights."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from lakeloop.local.lakefs.errors import AlreadyExists, Unauthorized
from lakeloop.local.lakefs.store import Store


@dataclass(frozen=True)
class User:
    """Who is calling."""

    name: str
    creation_date: int


@dataclass(frozen=True)
class KeyPair:
    access_key_id: str
    secret_access_key: str

    @classmethod
    def random(cls) -> KeyPair:
        return cls("AKIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30))


@dataclass(frozen=True)
class _Installation:
    user: User
    access_key_id: str
    secret_hash: str


class Accounts:
    """Who may call; remembered in the store, kept at hand in memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._installation = self._load()

    @property
    def is_set_up(self) -> bool:
        return self._installation is not None

    def set_up(self, username: str, key: KeyPair) -> User:
        """Create the user; only ever once."""
        user = User(username, int(time.time()))
        values = {
            "username": user.name,
            "creation_date": str(user.creation_date),
            "access_key_id": key.access_key_id,
            "secret_hash": _hash(key.secret_access_key),
        }
        with self._store.write() as db:
            if db.execute("SELECT 1 FROM installation WHERE name = 'username'").fetchone():
                raise AlreadyExists("lakeFS is already set up")
            db.executemany("INSERT INTO installation VALUES (?, ?)", values.items())
        self._installation = self._load()
        return user

    def authenticate(self, authorization: str | None) -> User:
        """The user of a Basic authorization header."""
        given = _parse_basic(authorization)
        known = self._installation
        if given is None or known is None:
            raise Unauthorized("error authenticating request")
        same_id = hmac.compare_digest(given.access_key_id.encode(), known.access_key_id.encode())
        same_secret = hmac.compare_digest(_hash(given.secret_access_key), known.secret_hash)
        if not (same_id and same_secret):
            raise Unauthorized("error authenticating request")
        return known.user

    def _load(self) -> _Installation | None:
        with self._store.read() as db:
            values = dict(db.execute("SELECT name, value FROM installation").fetchall())
        if "username" not in values:
            return None
        user = User(values["username"], int(values["creation_date"]))
        return _Installation(user, values["access_key_id"], values["secret_hash"])


def signing_secret(store: Store) -> str:
    """The secret behind signed addresses: made at the first start, the same ever after."""
    with store.write() as db:
        db.execute("INSERT OR IGNORE INTO installation VALUES ('signing_secret', ?)", (secrets.token_hex(32),))
        row = db.execute("SELECT value FROM installation WHERE name = 'signing_secret'").fetchone()
        return str(row["value"])


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _parse_basic(authorization: str | None) -> KeyPair | None:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        access_key_id, separator, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return KeyPair(access_key_id, secret) if separator else None
