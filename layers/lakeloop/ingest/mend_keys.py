"""Where the mended rows of a landed file lie: needed by functions that read no table."""

from dataclasses import replace

from lakeloop.ingest.notification import PREFIX, LandedObject

FOLDER = "_mended"
SUFFIX = ".json"
# Of S3.
LONGEST_KEY_BYTES = 1024


def mend_key(landed: LandedObject) -> str:
    """Where the mended rows of a version of a file land. Such a key may be longer than S3 takes."""
    name = landed.key.removeprefix(f"{PREFIX}{landed.dataset}/")
    return f"{PREFIX}{landed.dataset}/{FOLDER}/{landed.version}/{name}{SUFFIX}"


def mends(landed: LandedObject) -> LandedObject | None:
    """The version of a file that an object mends; None for any other object."""
    below = landed.key.removeprefix(f"{PREFIX}{landed.dataset}/").removesuffix(SUFFIX)
    folder, _, rest = below.partition("/")
    version, _, name = rest.partition("/")
    if folder != FOLDER or not name or not landed.key.endswith(SUFFIX):
        return None
    return replace(
        landed,
        key=f"{PREFIX}{landed.dataset}/{name}",
        version=version,
        mended_by=landed.version,
        sequencer="",
        told_at=0.0,
    )
