"""What a failed tuning job's reason means to the person who reads it."""

import re

LONGEST = 400
QUOTA = re.compile(r"ResourceLimitExceeded|service limit '")


def is_quota(reason: str) -> bool:
    """Whether a quota of the account was too low, at the job or at one of its trials."""
    return QUOTA.search(reason) is not None


def explained(reason: str) -> str:
    """The reason on one line, and what helps where that is known."""
    line = " ".join(reason.split())[:LONGEST] or "SageMaker gave no reason"
    if is_quota(line):
        return f"quota: {line} Ask for more under Service Quotas, or name another training.instance_type"
    return line
