SELECT "$path" AS file, line, from_utf8(raw) AS cells, reason.value
FROM quarantine CROSS JOIN UNNEST(reasons) AS broken (reason)
WHERE dataset = '${dataset}' AND reason.rule = 'required'
LIMIT 100
