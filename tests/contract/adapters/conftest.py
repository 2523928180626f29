"""The server behind the lakeFS adapter: the stand-in, or whatever LAKEFS_ENDPOINT names."""

from tests.contract.lakefs.conftest import server

__all__ = ["server"]
