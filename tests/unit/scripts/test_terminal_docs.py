"""docs/terminal.md shows what the commands show now."""

import pytest

from lakeloop.scripts.terminal_docs import PAGE, SCREENS, WIDTHS, Draw, drawn_at, page

# Addresses, commits and log lines are never broken: they are copied.
KEPT_WHOLE = ("s3://", "http://", "commit")


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run `make terminal-docs`"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("draw", [draw for _, _, draw in SCREENS], ids=[title for title, _, _ in SCREENS])
def test_only_what_is_copied_is_wider_than_the_terminal(draw: Draw, width: int) -> None:
    wide = [line for line in drawn_at(width, draw).splitlines() if len(line) > width]

    assert [
        line for line in wide if not any(kept in line for kept in (*KEPT_WHOLE, "why=", "reason", "failed ("))
    ] == []
