"""Failures that a person can do something about."""


class AdvisedError(Exception):
    """What happened, and what the person who asked can do about it."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class MistakenNameError(AdvisedError):
    """What was asked for by name is not there: a dataset, a chain, a file."""


class NotDeployedError(AdvisedError):
    """Nothing is deployed, or not all that this version of lakeloop deploys."""


class RefusedDataError(AdvisedError):
    """The data does not get into the loop as it is."""


class LoopFailedError(AdvisedError):
    """The loop stopped on the way; waiting longer would not help."""


class WaitedTooLongError(AdvisedError):
    """The deadline of a wait is over."""
