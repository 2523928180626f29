"""Failures as the container reports them to SageMaker: a prefix that says whose fault it is."""


class UserError(Exception):
    """The request is wrong: data, hyperparameters, channels."""

    prefix = "Customer Error"


class AlgorithmError(Exception):
    """XGBoost could not do it."""

    prefix = "Algorithm Error"
