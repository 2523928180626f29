SELECT inference_id, predicted_at, prediction, confidence, input
FROM captures
WHERE dataset = '${dataset}' AND day >= cast(current_date - INTERVAL '1' DAY AS varchar) AND confidence IS NOT NULL
ORDER BY confidence
LIMIT 100
