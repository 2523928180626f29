"""Labels by the hours in which the predictions that they are of may have been made."""

from collections import defaultdict
from collections.abc import Iterable

from lakeloop import names
from lakeloop.capture import ids
from lakeloop.feedback.label import LabelKey


class LabelsByHour:
    """Each id is read once: a month has 720 hours, and a dataset more labels than a processor reads 720 times."""

    def __init__(self, labels: Iterable[LabelKey], scope: str) -> None:
        self._of_hour: dict[str, list[LabelKey]] = defaultdict(list)
        # A caller's own id does not say when it was given.
        self._of_any: list[LabelKey] = []
        for label in labels:
            made = ids.read(scope, label.inference_id)
            if made is None:
                self._of_any.append(label)
                continue
            for hour in {at.strftime(names.WINDOW_HOUR) for at in (made.at, made.at + ids.LONGEST_ANSWER)}:
                self._of_hour[hour].append(label)

    def of(self, window: str) -> list[LabelKey]:
        """Those that may belong to a prediction of that hour."""
        return [*self._of_hour.get(window, ()), *self._of_any]
