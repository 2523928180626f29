"""What can go wrong, each as the status code and body that a lakeFS server answers with."""

# ruff: noqa: N818 - they are named after the answers they become

from __future__ import annotations


class LakeFSError(Exception):
    """A failure the client is told about; `status` is the HTTP status code."""

    status = 500

    def body(self) -> dict[str, str]:
        return {"message": str(self)}

    def headers(self) -> dict[str, str]:
        return {}


class BadRequest(LakeFSError):
    status = 400


class NoChanges(BadRequest):
    def __init__(self, action: str) -> None:
        super().__init__(f"{action}: no changes")


class DirtyBranch(BadRequest):
    def __init__(self) -> None:
        super().__init__("uncommitted changes (dirty branch)")


class Unauthorized(LakeFSError):
    status = 401

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Basic realm="lakeFS"'}


class Forbidden(LakeFSError):
    status = 403


class NotFound(LakeFSError):
    status = 404


class AlreadyExists(LakeFSError):
    status = 409


class Conflict(LakeFSError):
    status = 409


class MergeConflict(Conflict):
    """Answered with an empty merge result and no message, as the specification still demands of a merge."""

    def body(self) -> dict[str, str]:
        return {"reference": ""}


class Gone(LakeFSError):
    status = 410


class PreconditionFailed(LakeFSError):
    status = 412


class RangeNotSatisfiable(LakeFSError):
    status = 416

    def __init__(self, size: int) -> None:
        super().__init__(f"the range lies outside the object's {size} bytes")
        self._size = size

    def headers(self) -> dict[str, str]:
        return {"Content-Range": f"bytes */{self._size}"}


class TooManyTries(LakeFSError):
    status = 429


class Unsupported(LakeFSError):
    """The real server can do this, the stand-in cannot: say so instead of pretending."""

    status = 501


class InjectedError(LakeFSError):
    """A failure somebody asked for; see faults.py."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
