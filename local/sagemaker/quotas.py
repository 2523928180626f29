"""Account limits, as far as somebody asked for them: nothing on this machine is counted against a quota."""

from lakeloop.local.sagemaker.errors import limit_exceeded
from lakeloop.local.sagemaker.faults import Faults


def check_quota(faults: Faults, instance_type: str, usage: str, wanted: int = 1) -> None:
    """Raises ResourceLimitExceeded in AWS's words when the fault says that the limit is lower."""
    if problem := exceeded(faults, instance_type, usage, wanted):
        raise limit_exceeded(problem)


def exceeded(faults: Faults, instance_type: str, usage: str, wanted: int = 1) -> str:
    """AWS's words where the fault says that the limit is lower, else nothing."""
    limit = f"{instance_type} for {usage}"
    most = faults.quotas.get(limit)
    if most is None or wanted <= most:
        return ""
    return (
        f"The account-level service limit '{limit}' is {most} Instances, with current utilization of 0 Instances "
        f"and a request delta of {wanted} Instances. Please use AWS Service Quotas to request an increase for this "
        "quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota."
    )
