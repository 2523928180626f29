SELECT dataset, decided_at, tuning_job, verdict, metric, value, champion_value, test_rows, trials, data_commit, why
FROM history
ORDER BY dataset, decided_at
