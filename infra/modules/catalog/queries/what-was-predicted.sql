SELECT predicted_at, input, prediction, confidence, probabilities, model, data_commit, contract, caller
FROM captures
WHERE dataset = '${dataset}' AND inference_id = 'write the id here'
