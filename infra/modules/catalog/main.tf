# SQL for people: what the loop writes, as tables of Glue that Athena reads where it lies, and a saved query for each question that
# an operator asks. Partitions follow from the addresses, so that no crawler runs and a new dataset, day or hour is there at once.

locals {
  parquet = {
    input  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
    serde  = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
  }
  json = {
    input  = "org.apache.hadoop.mapred.TextInputFormat"
    output = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
    serde  = "org.openx.data.jsonserde.JsonSerDe"
  }

  by_dataset = { dataset = { type = "enum", values = join(",", var.datasets) } }

  # Columns as the code writes them; what is a partition is left out of them where it has the name of a column.
  tables = {
    captures = {
      description = "Answered predictions"
      bucket      = var.captures_bucket
      path        = "captures/$${dataset}/date=$${day}/hour=$${hour}/"
      format      = local.parquet
      partitions = merge(local.by_dataset, {
        day  = { type = "date", format = "yyyy-MM-dd", range = "NOW-${var.capture_retention_days}DAYS,NOW", interval = "1", "interval.unit" = "DAYS" }
        hour = { type = "enum", values = join(",", formatlist("%02d", range(24))) }
      })
      columns = {
        inference_id  = "string"
        predicted_at  = "timestamp"
        model         = "string"
        data_commit   = "string"
        contract      = "string"
        input         = "string"
        prediction    = "string"
        confidence    = "double"
        probabilities = "string"
        latency_ms    = "double"
        caller        = "string"
        version       = "bigint"
      }
    }
    quarantine = {
      description = "Rows that were set aside, raw, with their line and every reason"
      bucket      = var.artifacts_bucket
      path        = "quarantine/$${dataset}/"
      format      = local.parquet
      partitions  = local.by_dataset
      columns = {
        row     = "bigint"
        line    = "bigint"
        reasons = "array<struct<column:string,rule:string,value:string>>"
        raw     = "binary"
      }
    }
    failures = {
      description = "Messages that could not be handled, and why"
      bucket      = var.artifacts_bucket
      path        = "failures/$${chain}/"
      format      = local.json
      partitions  = { chain = { type = "enum", values = join(",", var.chains) } }
      columns = {
        function        = "string"
        message_id      = "string"
        object          = "string"
        reason          = "string"
        error           = "string"
        attempts        = "bigint"
        first_failed_at = "string"
        last_failed_at  = "string"
        correlation_id  = "string"
      }
    }
    history = {
      description = "Models that were judged, each beside the one that served then"
      bucket      = var.artifacts_bucket
      path        = "history/$${dataset}/"
      format      = local.json
      partitions  = local.by_dataset
      columns = {
        tuning_job     = "string"
        decided_at     = "string"
        verdict        = "string"
        why            = "string"
        data_commit    = "string"
        metric         = "string"
        value          = "double"
        champion       = "string"
        champion_value = "double"
        test_rows      = "bigint"
        trials         = "bigint"
      }
    }
  }

  queries = {
    why-rows-were-set-aside         = "Which rules were broken, by how many rows, of each dataset"
    rows-of-a-rule                  = "The rows that broke one rule, as they stood in the file"
    what-fails                      = "Why messages failed in the last week, most frequent first"
    predictions-by-hour             = "How many predictions each model answered by the hour of the last day, how sure and how fast"
    who-asks                        = "How much each caller asked for in the last week"
    unsure-predictions              = "The predictions of yesterday and today that the model was least sure of"
    what-was-predicted              = "One prediction by its id: input, answer, model and the commit of its data"
    models-beside-their-champions   = "Every model that was judged, oldest first, with its metric beside the champion's"
    predictions-of-each-data-commit = "How many predictions rest on each commit of data, for who must take one back"
  }
}

resource "aws_glue_catalog_database" "this" {
  name        = replace(var.name_prefix, "-", "_")
  description = "What ${var.name_prefix} writes about data, predictions and models"

  tags = var.tags
}

resource "aws_glue_catalog_table" "this" {
  for_each = length(var.datasets) > 0 ? local.tables : {}

  name          = each.key
  description   = each.value.description
  database_name = aws_glue_catalog_database.this.name
  table_type    = "EXTERNAL_TABLE"

  parameters = merge(
    {
      EXTERNAL                    = "TRUE"
      has_encrypted_data          = "true"
      "projection.enabled"        = "true"
      "storage.location.template" = "s3://${each.value.bucket}/${each.value.path}"
    },
    merge([for partition, projection in each.value.partitions : { for key, value in projection : "projection.${partition}.${key}" => value }]...),
  )

  dynamic "partition_keys" {
    for_each = each.value.partitions

    content {
      name = partition_keys.key
      type = "string"
    }
  }

  storage_descriptor {
    location      = "s3://${each.value.bucket}/${split("/", each.value.path)[0]}/"
    input_format  = each.value.format.input
    output_format = each.value.format.output

    ser_de_info {
      serialization_library = each.value.format.serde
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name = columns.key
        type = columns.value
      }
    }
  }
}

resource "aws_athena_workgroup" "this" {
  name          = var.name_prefix
  description   = "Questions about ${var.name_prefix}"
  force_destroy = true

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = 100 * 1024 * 1024 * 1024 # Athena is paid by what it reads, 5 USD a terabyte.

    result_configuration {
      output_location = "s3://${var.artifacts_bucket}/athena/"

      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = var.kms_key_arn
      }
    }
  }

  tags = var.tags
}

resource "aws_athena_named_query" "this" {
  for_each = length(var.datasets) > 0 ? local.queries : {}

  name        = each.key
  description = each.value
  workgroup   = aws_athena_workgroup.this.id
  database    = aws_glue_catalog_database.this.name
  query       = templatefile("${path.module}/queries/${each.key}.sql", { dataset = var.datasets[0] })

  depends_on = [aws_glue_catalog_table.this]
}
