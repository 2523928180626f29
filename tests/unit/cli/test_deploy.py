"""How the local cloud comes up, as a person follows it."""

from lakeloop.cli import deploy


def test_terraforms_lines_become_how_far_it_is() -> None:
    notes: list[str] = []
    count = deploy.ResourceCounter(notes.append)

    for line in (
        "module.storage.aws_s3_bucket.this[0]: Creating...",
        "module.storage.aws_s3_bucket.this[0]: Creation complete after 1s [id=x]",
        "aws_kms_key.main: Modifications complete after 0s [id=y]",
        "Apply complete! Resources: 1 added, 1 changed, 0 destroyed.",
    ):
        count(line)

    assert notes == [
        "1 resources done, last module.storage.aws_s3_bucket.this[0]",
        "2 resources done, last aws_kms_key.main",
        "Apply complete! Resources: 1 added, 1 changed, 0 destroyed.",
    ]
