"""Questions in SQL to the rows of a commit."""

import duckdb
import polars as pl

from lakeloop.client.errors import AdvisedError
from lakeloop.client.table import Table
from lakeloop.lake.layout import ALL_SPLITS


def query(table: Table, sql: str) -> pl.DataFrame:
    """The answer of DuckDB, which knows the tables `rows` and one for each split that holds rows.

    Each row tells its file as `_source` and when that landed as `_landed`. The query sees these tables, and neither
    files nor the network. Raises AdvisedError with DuckDB's own words where it refuses.
    """
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        for name in ("rows", *ALL_SPLITS):
            rows = table.polars(None if name == "rows" else name, origin=True)
            if rows.width:
                connection.register(name, rows.to_arrow())
        connection.execute("set enable_external_access = false")
        try:
            answer = connection.sql(sql)
            found = pl.from_arrow(answer.to_arrow_table()) if answer else pl.DataFrame()
        except duckdb.Error as error:
            raise AdvisedError(
                f"DuckDB refuses the query: {error}", "ask the tables rows, train, validation, test and gap"
            ) from error
    return found if isinstance(found, pl.DataFrame) else found.to_frame()
