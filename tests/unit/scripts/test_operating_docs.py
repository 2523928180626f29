"""docs/operating.md shows what the operator's commands show now."""

from lakeloop.scripts.operating_docs import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run `make terminal-docs`"
