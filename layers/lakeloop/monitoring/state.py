"""What is known of the predictions of one model between two looks at them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, Field

from lakeloop import names
from lakeloop.contract import Monitor
from lakeloop.monitoring.episode import Episode
from lakeloop.monitoring.profile import Profile, Tally
from lakeloop.monitoring.quality import Quality
from lakeloop.monitoring.window import Window, judge
from lakeloop.values.splits import seconds

FORMAT = 1
HOUR = timedelta(hours=1)
# Captures that are kept so much later than they were made count in the window that is open then.
LATE = timedelta(hours=6)
# As many as a contract may look back on.
WINDOWS_KEPT = 20


class Hour(BaseModel):
    """Predictions of one hour: how many of the model, in which objects, and those of them whose labels have come.

    `objects` are forgotten after `LATE`. `made_of` is the digest of what the labelled ones were found in, `delay` the
    median of the seconds that their labels took.
    """

    rows: int = 0
    objects: tuple[str, ...] = ()
    made_of: str = ""
    labelled: int = 0
    delay: float = 0.0


class Judged(BaseModel):
    """A window with the hours that it spans; findings are kept of the last one alone."""

    begun: datetime
    ended: datetime
    window: Window


class WatchState(BaseModel):
    """`model` answers since `seen` or a little before, and its predictions are counted up to `until`.

    `tally` is of the window that is open since `begun`. `asks` says that training is to be asked for, if it
    was not.
    """

    format: int = FORMAT
    model: str
    seen: datetime
    until: datetime
    hours: dict[str, Hour] = Field(default_factory=dict)
    begun: datetime | None = None
    tally: Tally = Tally()
    windows: list[Judged] = Field(default_factory=list)
    quality: Quality | None = None
    quality_of: str = ""
    episode: Episode | None = None
    asks: bool = False

    def add(self, hour: str, objects: list[str], tally: Tally, profile: Profile, policy: Monitor) -> Judged | None:
        """Count what came of an hour, and judge the window where it has enough."""
        began = hour_at(hour)
        known = self.hours.get(hour, Hour())
        counted = {"rows": known.rows + tally.rows, "objects": (*known.objects, *objects)}
        self.hours[hour] = known.model_copy(update=counted)
        self.until = max(self.until, began + HOUR)
        if tally.rows:
            self.begun = min(self.begun or began, began)
            self.tally += tally
        return self._closed(profile, policy)

    def _closed(self, profile: Profile, policy: Monitor) -> Judged | None:
        if self.begun is None or self.tally.rows < policy.min_rows:
            return None
        if policy.season and self.until - self.begun < timedelta(seconds=seconds(policy.season)):
            return None
        judged = Judged(begun=self.begun, ended=self.until, window=judge(profile, self.tally, policy))
        shorter = [
            earlier.model_copy(update={"window": replace(earlier.window, findings=())})
            for earlier in self.windows[1 - WINDOWS_KEPT :]
        ]
        self.windows = [*shorter, judged]
        self.begun, self.tally = None, Tally()
        return judged

    def forget(self, policy: Monitor) -> None:
        """What no later look needs: hours whose labels count no longer, objects that cannot be taken for new ones."""
        oldest = self.until - max(LATE, timedelta(seconds=seconds(policy.labels_within)))
        late = self.until - LATE
        self.hours = {
            hour: known if hour_at(hour) >= late else known.model_copy(update={"objects": ()})
            for hour, known in sorted(self.hours.items())
            if hour_at(hour) >= oldest
        }


def hour_at(hour: str) -> datetime:
    """When an hour begins that is written as names.WINDOW_HOUR."""
    return datetime.strptime(hour, names.WINDOW_HOUR).replace(tzinfo=UTC)


def whole(moment: datetime) -> datetime:
    """The beginning of its hour."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
