SELECT dataset, reason."column", reason.rule, count(*) AS rows
FROM quarantine CROSS JOIN UNNEST(reasons) AS broken (reason)
GROUP BY 1, 2, 3
ORDER BY rows DESC
