"""`make cost-ingest` counts what a delivery asks of each service."""

from bench.cost import cost, rows
from tests.data import tiny_csv


def test_requests_are_counted_by_service_and_a_delivery_is_one_commit() -> None:
    small = {f"{n}.csv": tiny_csv(*rows(20 * n, 20)) for n in range(4)}

    one, two = cost([small]), cost([dict(list(small.items())[:2]), dict(list(small.items())[2:])])

    assert (one.commits, two.commits) == (1, 2)
    assert one.requests["SNS"] == len(small) + 1
    assert one.requests["S3 GET"] == 2 * len(small)
    assert one.requests["lakeFS"] < two.requests["lakeFS"]
    assert one.requests["S3 PUT"] == 0
    assert 0 < one.dollars < 0.01
