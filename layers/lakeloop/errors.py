"""Errors as types, with a message for the person who will read the dead-letter queue."""


class LakeloopError(Exception):
    """Something went wrong with one message: what happened, to which object (`subject`), what to do."""

    def __init__(self, message: str, *, subject: str = "", correlation_id: str = "") -> None:
        super().__init__(message)
        self.subject = subject
        self.correlation_id = correlation_id


class PermanentError(LakeloopError):
    """Trying again gives the same result: the message goes to the dead-letter queue without waiting."""


class TransientError(LakeloopError):
    """Trying again later may succeed: a throttle, a lock, a resource that is busy."""


class UnknownPrefixError(PermanentError):
    """The object lies outside `incoming/<dataset>/`."""


class UnknownDatasetError(PermanentError):
    """No contract is deployed for the dataset."""


class UnreadableObjectError(PermanentError):
    """The object's bytes are not a table in a known format."""


class MalformedMessageError(PermanentError):
    """The message is not of the shape its queue is for."""


class ConflictingResourceError(PermanentError):
    """A resource of our deterministic name exists and is not the thing that the name stands for."""


class HookRefusedError(PermanentError):
    """A hook on main refuses what a commit brings. Which of its files, only smaller commits can tell."""


class UnusableLakeError(PermanentError):
    """The lakeFS server, or a repository on it, cannot do what the loop needs, and a person has to mend it."""


class ForeignObjectError(TransientError):
    """A person put objects on main whose bytes lie outside the lake; it passes when they are copied in."""


class PredictionError(Exception):
    """A prediction could not be made."""


class NoModelError(PredictionError):
    """No endpoint serves the dataset yet."""


class ModelBusyError(PredictionError):
    """The endpoint cannot answer now: throttled or starting."""


class ModelFailedError(PredictionError):
    """The container answered with an error."""
