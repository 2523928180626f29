SELECT dataset, data_commit, model, count(*) AS predictions, min(predicted_at) AS first, max(predicted_at) AS last
FROM captures
GROUP BY 1, 2, 3
ORDER BY last DESC
