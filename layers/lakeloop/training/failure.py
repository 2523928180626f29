"""What a failed tuning job's reason means to the person who reads it."""

import re

LONGEST = 400
QUOTA = re.compile(r"ResourceLimitExceeded|service limit '")


def explained(reason: str) -> str:
    """The reason on one line, and what helps where that is known."""
    line = " ".join(reason.split())[:LONGEST] or "SageMaker gave no reason"
    if QUOTA.search(line):
        return f"quota: {line} Ask for more under Service Quotas, or name another training.instance_type"
    return line
