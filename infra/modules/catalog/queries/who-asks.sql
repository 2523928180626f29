SELECT caller, dataset, count(*) AS predictions, max(predicted_at) AS last
FROM captures
WHERE day >= cast(current_date - INTERVAL '7' DAY AS varchar)
GROUP BY 1, 2
ORDER BY predictions DESC
