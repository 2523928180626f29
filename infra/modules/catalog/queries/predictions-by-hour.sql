SELECT dataset, day, hour, model, count(*) AS predictions, avg(confidence) AS confidence,
       approx_percentile(latency_ms, 0.95) AS latency_ms_95
FROM captures
WHERE day >= cast(current_date - INTERVAL '1' DAY AS varchar)
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
