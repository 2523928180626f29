"""All tables, on both cores."""

import argparse
import json
import sys
from collections.abc import Iterable
from multiprocessing import get_context
from pathlib import Path

from bench.tables.sources import sources
from bench.tables.verdict import MEASURES, Verdict, judged

ENVIRONMENT = Path(".local/venvs/bench")
PROCESSES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description="real tables through inference and gate")
    parser.add_argument("--only", default="", help="tables whose name holds this")
    arguments = parser.parse_args()
    tables = [source for source in sources(ENVIRONMENT) if arguments.only in source.name]
    if not tables:
        sys.exit(f"no table is called {arguments.only}")
    with get_context("spawn").Pool(PROCESSES) as pool:
        verdicts = list(told(pool.imap_unordered(judged, tables)))
    print(json.dumps(summary(verdicts)))


def told(verdicts: Iterable[Verdict]) -> Iterable[Verdict]:
    """Each as it comes; those that fail are listed."""
    for verdict in verdicts:
        for measure, why in verdict.failed.items():
            print(f"{verdict.name}: {measure}: {why}", flush=True)
        yield verdict


def summary(verdicts: list[Verdict]) -> dict[str, float]:
    """Shares of all tables; `exact` of those that are ingested."""
    shares = {}
    for measure in MEASURES:
        asked = [verdict for verdict in verdicts if measure != "exact" or "ingested" not in verdict.failed]
        shares[measure] = sum(measure not in verdict.failed for verdict in asked) / max(1, len(asked))
    return {
        "tables": len(verdicts),
        "rows": sum(verdict.rows for verdict in verdicts),
        **{measure: round(share, 4) for measure, share in shares.items()},
    }


if __name__ == "__main__":
    main()
