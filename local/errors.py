"""The failures of the local cloud that a person can do something about."""


class LocalCloudError(Exception):
    """What is wrong, and what to do about it: both are shown."""

    def __init__(self, what: str, what_to_do: str) -> None:
        super().__init__(f"{what}\n{what_to_do}")
        self.what = what
        self.what_to_do = what_to_do


class TerraformError(LocalCloudError):
    """Terraform is missing, or did not do what it was asked to."""
