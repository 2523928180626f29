from lakeloop.local.sagemaker.hosting.metrics import MOST_VALUES, Invocation, Target, data

TARGET = Target("endpoint", "AllTraffic")


def test_values_are_counted_not_repeated() -> None:
    found = {each["MetricName"]: each for each in data(TARGET, [Invocation(200, 0.5), Invocation(500, 0.5)])}

    assert (found["Invocations"]["Values"], found["Invocations"]["Counts"]) == ([1], [2])
    assert (found["Invocation5XXErrors"]["Values"], found["Invocation5XXErrors"]["Counts"]) == ([0, 1], [1, 1])
    assert found["ModelLatency"]["Values"] == [500_000]


def test_no_answer_is_a_server_error() -> None:
    found = {each["MetricName"]: each["Values"] for each in data(TARGET, [Invocation(0, 60.0), Invocation(415, 0.1)])}

    assert found["Invocation5XXErrors"] == [1, 0]
    assert found["Invocation4XXErrors"] == [0, 1]


def test_many_values_are_told_in_parts() -> None:
    invocations = [Invocation(200, number / 1000) for number in range(MOST_VALUES + 1)]

    parts = [each for each in data(TARGET, invocations) if each["MetricName"] == "ModelLatency"]

    assert [len(each["Values"]) for each in parts] == [MOST_VALUES, 1]
