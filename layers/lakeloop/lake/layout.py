"""Where rows lie in the lake.

`rows/<split>/` holds the contract's columns, typed, for people, feedback and drift; `features/<recipe>/<split>/` holds
what one recipe makes of them, label first and numbers only, for the container. Training reads one recipe.
"""

SPLITS = ("train", "validation", "test")
GAP = "gap"
"""Rows so near behind a border of a split by time that they are in none; they have no features."""
ROWS = "rows"
FEATURES = "features"


def rows_path(split: str, source: str = "") -> str:
    """The object of one source, or the folder of all."""
    return f"{ROWS}/{split}/{source}.parquet" if source else f"{ROWS}/{split}/"


def features_path(recipe: str, split: str, source: str = "") -> str:
    """The object of one source, or the folder of all."""
    folder = f"{FEATURES}/{recipe}/{split}/"
    return f"{folder}{source}.parquet" if source else folder


def paths_of(recipe: str, source: str) -> list[str]:
    """All objects that a source may have."""
    rows = [rows_path(split, source) for split in (*SPLITS, GAP)]
    return [*rows, *(features_path(recipe, split, source) for split in SPLITS)]
