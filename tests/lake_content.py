"""What lies on main whatever it is packed in, and that all parts of it agree."""

import io
from collections import Counter
from dataclasses import replace
from typing import Any

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.ingest.features import features_frame
from lakeloop.lake import layout
from lakeloop.lake.index import Index
from lakeloop.names import source_id
from tests.fakes import MemoryLake

Content = dict[str, Any]


def rows_on_main(lake: MemoryLake, split: str = "", ref: str = "main") -> pl.DataFrame:
    """All rows, or those of a split."""
    prefix = layout.rows_folder(split) if split else f"{layout.ROWS}/"
    frames = [table(lake, path) for path in sorted(lake.tree(ref)) if path.startswith(prefix)]
    return pl.concat(frames, how="diagonal_relaxed") if frames else pl.DataFrame()


def table(lake: MemoryLake, path: str) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(lake.bytes[lake.tree("main")[path]]))


def content(lake: MemoryLake) -> Content:
    """Rows and the index, without the places that depend on which files came together."""
    index = Index(lake, "", "main")
    return {
        "rows": {split: Counter(map(repr, rows_on_main(lake, split).rows())) for split in layout.ALL_SPLITS},
        "sources": {id_: replace(entry, place="", ranges=()) for id_, entry in index.entries()},
        "counts": index.counts(),
    }


def assert_whole(lake: MemoryLake, contract: DatasetContract) -> None:
    """Each object belongs to a place of the index and the other way round; features are those of the rows."""
    index, recipe = Index(lake, "", "main"), recipe_digest(contract)
    entries = dict(index.entries())
    tree = set(lake.tree("main"))
    rows = {path for path in tree if path.startswith("rows/")}
    places = {entry.place for entry in entries.values()} | set(index.writer.places)
    assert {path.split("/")[2].removesuffix(".parquet") for path in rows} == places - {""}
    for path in rows:
        twin = path.replace("rows/", f"features/{recipe}/", 1)
        in_gap = path.startswith(layout.rows_folder(layout.GAP))
        expected = [] if in_gap else features_frame(contract, table(lake, path)).rows()
        assert (table(lake, twin).rows() if twin in tree else []) == expected
        for uri in table(lake, path)[layout.SOURCE_COLUMN].unique():
            entry = entries[source_id(uri)]
            assert entry.place in (path.split("/")[2].removesuffix(".parquet"), "")
    found = {split: rows_on_main(lake, split).height for split in layout.ALL_SPLITS}
    assert {split: count for split, count in found.items() if count} == dict(index.counts().rows)
    features = {path for path in tree if path.startswith(f"features/{recipe}/")}
    assert {path.replace(f"features/{recipe}/", "rows/", 1) for path in features} <= rows
    assert {path.split("/")[0] for path in tree} <= {"rows", "features", "index"}
