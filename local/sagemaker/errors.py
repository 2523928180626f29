"""Errors as AWS answers them: a code that clients branch on, and a message."""


class ServiceError(Exception):
    """An answer other than success. `code` is what boto3 shows as `error.response["Error"]["Code"]`."""

    def __init__(self, code: str, message: str, status: int = 400, **details: object) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.details = details


def invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


def in_use(message: str) -> ServiceError:
    return ServiceError("ResourceInUse", message)


def not_found(message: str) -> ServiceError:
    return ServiceError("ResourceNotFound", message)


def limit_exceeded(message: str) -> ServiceError:
    return ServiceError("ResourceLimitExceeded", message)


def unknown_operation(name: str) -> ServiceError:
    return ServiceError(
        "UnknownOperationException",
        f"the local SageMaker does not do {name!r}; local/sagemaker/README.md lists what it does",
    )
