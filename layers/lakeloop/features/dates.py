"""Parts of dates and timestamps. Those of a timestamp are read in the time zone of its column, UTC without one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from lakeloop.features.nodes import ExpressionError, Kind, Node, Operand, Row
from lakeloop.features.operators import Function

SECONDS_OF_A_DAY = 86_400
MICROSECONDS_OF_A_DAY = 86_400_000_000

PARTS: dict[str, Callable[[datetime], int]] = {
    "year": lambda moment: moment.year,
    "month": lambda moment: moment.month,
    "day": lambda moment: moment.day,
    # 1 to 7 from Monday, as ISO 8601 counts.
    "weekday": lambda moment: moment.isoweekday(),
    "hour": lambda moment: moment.hour,
}


@dataclass(frozen=True)
class Part:
    """One part of a moment."""

    part: str
    operand: Operand
    kind: Kind = "number"

    def value(self, row: Row) -> float | None:
        moment = _moment(row.get(self.operand.column.name), self.operand)
        return None if moment is None else float(PARTS[self.part](moment))


@dataclass(frozen=True)
class Days:
    """Days from the first moment to the second, with fractions between timestamps."""

    start: Operand
    end: Operand
    kind: Kind = "number"

    def value(self, row: Row) -> float | None:
        start, end = (_utc(row.get(operand.column.name)) for operand in (self.start, self.end))
        if start is None or end is None:
            return None
        between = end - start
        microseconds = (between.days * SECONDS_OF_A_DAY + between.seconds) * 1_000_000 + between.microseconds
        return microseconds / MICROSECONDS_OF_A_DAY


def _moment(value: object, operand: Operand) -> datetime | None:
    """As the clock of the column's time zone shows it."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(operand.column.timezone or "UTC"))
    return datetime.combine(value, time()) if isinstance(value, date) else None


def _utc(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else None


def _part(name: str, arguments: Sequence[Node]) -> Node:
    match arguments:
        case [Operand() as operand] if operand.kind == "moment" and (
            name != "hour" or operand.column.type == "timestamp"
        ):
            return Part(name, operand)
        case _:
            wanted = "timestamp" if name == "hour" else "date or timestamp"
            raise ExpressionError(f"one {wanted} in {name}", ", ".join(a.kind for a in arguments) or "none")


def _days(name: str, arguments: Sequence[Node]) -> Node:
    match arguments:
        case [Operand() as start, Operand() as end] if start.kind == end.kind == "moment":
            return Days(start, end)
        case _:
            raise ExpressionError(f"two dates or timestamps in {name}", ", ".join(a.kind for a in arguments) or "none")


FUNCTIONS: dict[str, Function] = {**dict.fromkeys(PARTS, _part), "days": _days}
