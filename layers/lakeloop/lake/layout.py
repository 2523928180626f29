"""Where rows lie in the lake.

`rows/<split>/` holds the contract's columns, typed, for people, feedback and drift; `features/<recipe>/<split>/` holds
what one recipe makes of them, label first and numbers only, for the container. Training reads one recipe.

Objects are packs: the small files of a commit share one object for each split and form, a large file has a folder of
ranges. What the loop writes is named by what is in it, so an object of features belongs to the object of rows of the
same name and to no other. `index/` says which file lies where (`lakeloop.lake.index`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from lakeloop import names
from lakeloop.lake.ports import LakeObject

SPLITS = ("train", "validation", "test")
GAP = "gap"
"""Rows so near behind a border of a split by time that they are in none; they have no features."""
ALL_SPLITS = (*SPLITS, GAP)
ROWS = "rows"
FEATURES = "features"
INDEX = "index"

SOURCE_COLUMN = "_source"
LANDED_COLUMN = "_landed"
"""What every row of `rows/` carries beside the contract's columns: the address of its file, and when that landed."""

PACK = "pack"
FILE = "file"
KEYS = "keys"
BY_HAND = "by-hand"
_PLACE = re.compile(rf"(?:{PACK}|{FILE}|{KEYS}|{BY_HAND})-[0-9a-f]{{24}}")
_BEFORE_PACKS = re.compile(r"[0-9a-f]{32}\.parquet")


def place(kind: str, parts: Sequence[str]) -> str:
    """The name of what is made of these parts: a pack, a large file, or the rows of some keys."""
    return f"{kind}-{names.digest(*parts, length=24)}"


def below(folder: str, name: str, number: int | None) -> str:
    """An object of a place; large files have one for each range, by number."""
    return f"{folder}{name}.parquet" if number is None else f"{folder}{name}/{number:05}.parquet"


def rows_folder(split: str) -> str:
    return f"{ROWS}/{split}/"


def features_folder(recipe: str, split: str) -> str:
    return f"{FEATURES}/{recipe}/{split}/"


def is_ours(name: str) -> bool:
    """Whether an object below a split was named by the loop, and not by a person."""
    return _PLACE.match(name) is not None


def is_read(name: str) -> bool:
    """Whether an object below a split counts: a Parquet file, but for those of the layout before packs."""
    return name.endswith(".parquet") and _BEFORE_PACKS.fullmatch(name) is None


def twin_of(entry: LakeObject) -> str:
    """What the features of an object of rows are called.

    The loop's names say what is in an object. A person's do not, so the address of the bytes is named, which is never
    written again.
    """
    name = name_of(entry)
    if is_ours(name):
        return name
    return f"{BY_HAND}-{names.digest(entry.physical_address, length=24)}.parquet"


def name_of(entry: LakeObject) -> str:
    """What an object is called below its split, in rows and in features alike."""
    parts = entry.path.split("/")
    return "/".join(parts[2:] if parts[0] == ROWS else parts[3:])


def place_of(name: str) -> str:
    """The place of an object, by its name below a split."""
    return name.partition("/")[0].removesuffix(".parquet")


def sizes_of(rows: Iterable[LakeObject]) -> Counter[str]:
    """The bytes of rows at each place."""
    sizes: Counter[str] = Counter()
    for found in rows:
        sizes[place_of(name_of(found))] += found.size_bytes
    return sizes


def index_path(source_id: str) -> str:
    """Where the index tells of a file, by the first two characters of the digest that names it."""
    return f"{INDEX}/{source_id[:2]}.json"


def is_index(path: str) -> bool:
    """Whether a path is one that `index_path` answers; what people put beside them is nobody's."""
    return re.fullmatch(rf"{INDEX}/[0-9a-f]{{2}}\.json", path) is not None


WRITER_PATH = f"{INDEX}/writer.json"
"""What the deliveries of an upsert or a snapshot all rewrite, so that no two are merged side by side."""

BORDERS_PATH = f"{INDEX}/borders.json"
"""Where the borders of a split by time lie that main was advanced to."""
