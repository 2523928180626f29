"""Why a fleet does not come up; the endpoint shows it as its FailureReason."""


class FleetError(Exception):
    """The message is for the person who reads DescribeEndpoint."""
