"""Failures that a person can do something about."""


class AdvisedError(Exception):
    """What happened, and what the person who asked can do about it."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
