"""Errors as types, with a message for the person who will read the dead-letter queue."""

from typing import ClassVar

HOUR = 3600


class LakeloopError(Exception):
    """Something went wrong with one message: what happened, to which object (`subject`), what to do.

    `patience_seconds` is how long after its first failure the message is still tried again.
    """

    patience_seconds: ClassVar[int]

    def __init__(self, message: str, *, subject: str = "", correlation_id: str = "") -> None:
        super().__init__(message)
        self.subject = subject
        self.correlation_id = correlation_id


class PermanentError(LakeloopError):
    """Trying again gives the same result: the message goes to the dead-letter queue without waiting."""

    patience_seconds = 0


class TransientError(LakeloopError):
    """Trying again later may succeed: a throttle, a lock, a resource that is busy."""

    # An update of an endpoint takes a quarter of an hour, a failover of a database or a redeployed server more.
    patience_seconds = 3 * HOUR


class AskWaitsError(TransientError):
    """A job that a person asked for waits for the end of another, or for features."""

    # As long as SQS hands the message over again.
    patience_seconds = 6 * HOUR


class QuotaExceededError(PermanentError):
    """A quota of the account is too low for what is asked. It names the quota; raised, the message is sent again."""


class MergeConflictError(TransientError):
    """Another delivery changed the same part of main's index first: this one begins again from the new main."""


class UnknownPrefixError(PermanentError):
    """The object lies outside `incoming/<dataset>/`."""


class UnknownDatasetError(PermanentError):
    """No contract is deployed for the dataset."""


class UnreadableObjectError(PermanentError):
    """The object's bytes are not a table in a known format. The message holds nothing of what is in them."""


class UnversionedObjectError(PermanentError):
    """The object has no version, so nobody can say later which bytes were ingested."""


class TooLargeError(PermanentError):
    """The object is larger than the function can work through."""


class EmptyObjectError(TransientError):
    """The object has no bytes yet: clients that upload in steps write an empty one first."""

    patience_seconds = 600


class NotPermittedError(PermanentError):
    """A role lacks a right."""


class CrashedError(PermanentError):
    """The function ended while it worked on the message alone, twice: it was killed, or its time was over."""


class PostponedError(TransientError):
    """Not a failure: the message was not looked at in this delivery and comes again."""


class MalformedMessageError(PermanentError):
    """The message is not of the shape its queue is for."""


class ConflictingResourceError(PermanentError):
    """A resource of our deterministic name exists and is not the thing that the name stands for."""


class HookRefusedError(PermanentError):
    """A hook on main refuses what a commit brings. Which of its files, only smaller commits can tell."""


class StillHoldsDataError(PermanentError):
    """What is to be destroyed holds data, and nobody said that it may go."""


class UnusableLakeError(PermanentError):
    """The lakeFS server, or a repository on it, cannot do what the loop needs, and a person has to mend it."""


class ForeignObjectError(TransientError):
    """A person put objects on main whose bytes lie outside the lake; it passes when they are copied in."""


class PredictionError(Exception):
    """A prediction could not be made."""


class NoModelError(PredictionError):
    """No endpoint serves the dataset yet."""


class UnlearnedDatasetError(PredictionError):
    """Nothing is learned from the dataset: its contract has no problem."""


class NotPublicError(PredictionError):
    """No dataset of the name has features that are all public."""


class ModelBusyError(PredictionError):
    """The endpoint cannot answer now: throttled or starting."""


class ModelFailedError(PredictionError):
    """The container answered with an error."""
