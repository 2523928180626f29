SELECT chain, error, reason, count(*) AS messages, max(attempts) AS most_tries, max(last_failed_at) AS last
FROM failures
WHERE from_iso8601_timestamp(last_failed_at) > current_timestamp - INTERVAL '7' DAY
GROUP BY 1, 2, 3
ORDER BY messages DESC
