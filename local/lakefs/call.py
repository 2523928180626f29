"""One request as the operations see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers, QueryParams

from lakeloop.local.lakefs import listing
from lakeloop.local.lakefs.auth import User
from lakeloop.local.lakefs.errors import BadRequest
from lakeloop.local.lakefs.listing import PageRequest

_TRUE = ("true", "1", "t")

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class Upload:
    """An object's bytes as they came, spooled, with what is known of them by now."""

    file: IO[bytes]
    size: int
    md5: str
    content_type: str


@dataclass(frozen=True)
class Call:
    """A request whose caller is known and whose body has been read."""

    user: User
    path: Mapping[str, str]
    query: QueryParams
    headers: Headers
    body: bytes = b""
    upload: Upload | None = None

    @property
    def repository(self) -> str:
        return self.path["repository"]

    @property
    def branch(self) -> str:
        return self.path["branch"]

    def required(self, name: str) -> str:
        value = self.query.get(name, "")
        if not value:
            raise BadRequest(f"query parameter {name!r} is missing")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self.query[name].lower() in _TRUE if name in self.query else default

    def page(self) -> PageRequest:
        return PageRequest(
            prefix=self.query.get("prefix", ""),
            after=self.query.get("after", ""),
            delimiter=self.query.get("delimiter", ""),
            amount=self._amount(),
        )

    def _amount(self) -> int:
        text = self.query.get("amount", str(listing.DEFAULT_PER_PAGE))
        try:
            amount = int(text)
        except ValueError as error:
            raise BadRequest(f"query parameter 'amount' must be a number, not {text!r}") from error
        if not -1 <= amount <= listing.MAX_PER_PAGE:
            raise BadRequest(f"query parameter 'amount' must be from -1 to {listing.MAX_PER_PAGE}, not {amount}")
        return amount if amount > 0 else listing.DEFAULT_PER_PAGE

    def model(self, kind: type[Body]) -> Body:
        """The JSON body as `kind`; an empty one where nothing is required of it."""
        try:
            return kind.model_validate_json(self.body or b"{}")
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise BadRequest(f"request body is not valid: {problems}") from error
