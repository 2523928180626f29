from lakeloop.local.sagemaker.logs import EVENT_BYTES, MOST_BYTES, MOST_EVENTS, Line, Stream, parts

STREAM = Stream("group", "stream")


def lines(count: int, length: int) -> list[Line]:
    return [Line(STREAM, 0, "x" * length)] * count


def test_lines_are_sent_in_parts_of_as_many_events_as_allowed() -> None:
    assert [len(part) for part in parts(lines(MOST_EVENTS + 1, 1))] == [MOST_EVENTS, 1]


def test_lines_are_sent_in_parts_of_as_many_bytes_as_allowed() -> None:
    half = MOST_BYTES // 2 - EVENT_BYTES

    assert [len(part) for part in parts(lines(3, half))] == [2, 1]


def test_nothing_is_sent_of_nothing() -> None:
    assert list(parts([])) == []
