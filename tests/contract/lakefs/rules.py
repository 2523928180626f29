"""Rules that protect branches, as people set them, with everything a server knows of them."""

from pathlib import Path

import urllib3

from tests.contract.lakefs.servers import Server

CASES = Path(__file__).parent / "cases"


def rules(server: Server, repository: str) -> list[dict[str, object]]:
    """The rules with everything the server knows of them."""
    found: list[dict[str, object]] = urllib3.request(
        "GET", _rules_url(server, repository), headers=server.headers
    ).json()
    return found


def set_rules(server: Server, repository: str, wanted: list[dict[str, object]]) -> None:
    answer = urllib3.request("PUT", _rules_url(server, repository), headers=server.headers, json=wanted)
    assert answer.status == 204, answer.data


def _rules_url(server: Server, repository: str) -> str:
    return f"{server.endpoint}/api/v1/repositories/{repository}/settings/branch_protection"
