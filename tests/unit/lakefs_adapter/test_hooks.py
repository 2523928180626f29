"""What is told of a hook that refused: its own words, where they can be read."""

import pytest

from lakeloop.adapters.lakefs import LakeFS
from lakeloop.errors import HookRefusedError
from tests.unit.lakefs_adapter.scripted import REPOSITORY, Answer, ScriptedServer, page, refused

ANSWERED = (
    "Request:\nPOST /check\nRequest Body:\n{}\n\n\n"
    "Response:\nHTTP/1.1 422 Unprocessable Entity\r\nContent-Length: 29\r\n\r\n"
    "schema check refused: bad.csvError: action failed: webhook request failed (status code: 422)\n"
)


class TestHook:
    REFUSED = refused(412, "pre-merge hook aborted, run id '5k1s8dc': 1 error occurred")

    def test_its_own_words_are_read_from_its_run(self, lake: LakeFS, server: ScriptedServer) -> None:
        hooks = page(self.run("ok", "completed"), self.run("schema", "failed"))
        server.answers = [self.REFUSED, hooks, self.output(ANSWERED)]

        with pytest.raises(HookRefusedError) as error:
            lake.merge("r", "ingest-1", "Ingest", {})

        assert str(error.value) == "merge ingest-1 of r into main: gate/schema: schema check refused: bad.csv"
        assert server.lines[1:] == [
            f"GET {REPOSITORY}/actions/runs/5k1s8dc/hooks?after=&amount=1000",
            f"GET {REPOSITORY}/actions/runs/5k1s8dc/hooks/run-schema/output",
        ]

    @pytest.mark.parametrize(
        ("output", "words"),
        [
            (
                "Response:\nHTTP/1.1 500\r\nA: b\r\n\r\nError: action failed: webhook request failed\n",
                "webhook request failed",
            ),
            ("Request:\nPOST /check\n\nError: action failed: context deadline exceeded\n", "context deadline exceeded"),
        ],
    )
    def test_without_words_has_lakefs_say_what_happened(
        self, lake: LakeFS, server: ScriptedServer, output: str, words: str
    ) -> None:
        server.answers = [self.REFUSED, page(self.run("schema", "failed")), self.output(output)]

        with pytest.raises(HookRefusedError, match=f"gate/schema: (.*\n)*.*{words}"):
            lake.merge("r", "ingest-1", "Ingest", {})

    @pytest.mark.parametrize("runs", [[refused(404, "gone")], [page()], [refused(403, "no")]])
    def test_the_servers_words_do_where_the_run_cannot_be_read(
        self, lake: LakeFS, server: ScriptedServer, runs: list[Answer]
    ) -> None:
        server.answers = [self.REFUSED, *runs]

        with pytest.raises(HookRefusedError, match="merge ingest-1 of r into main: pre-merge hook aborted"):
            lake.merge("r", "ingest-1", "Ingest", {})

    def test_the_servers_words_do_where_they_name_no_run(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [refused(412, "hook said no")]

        with pytest.raises(HookRefusedError, match="hook said no"):
            lake.commit("r", "ingest-1", "Ingest", {})

    @staticmethod
    def output(text: str) -> Answer:
        return Answer(200, text.encode(), {"Content-Type": "application/octet-stream"})

    def run(self, hook: str, status: str) -> dict[str, str]:
        times = {"start_time": "2026-11-26T10:00:00Z", "end_time": "2026-11-26T10:00:00Z"}
        return {"hook_run_id": f"run-{hook}", "action": "gate", "hook_id": hook, "status": status, **times}
