# The Lambda layers, built outside Terraform and uploaded through S3: the data layer is larger than a direct upload may be. A
# version that is replaced stays, for those who go back to functions that were made with it; reap_endpoints deletes those that
# no kept rollout names, and all on destroy.

locals {
  packages = { for name in var.names : name => "${var.directory}/${name}.zip" }
  hashes   = { for name, package in local.packages : name => filebase64sha256(package) }
}

resource "aws_s3_object" "package" {
  for_each = local.packages

  bucket      = var.bucket
  key         = "layers/${each.key}-${substr(sha256(local.hashes[each.key]), 0, 16)}.zip"
  source      = each.value
  source_hash = local.hashes[each.key]
}

resource "aws_lambda_layer_version" "this" {
  for_each = local.packages

  layer_name               = "${var.name_prefix}-${each.key}"
  s3_bucket                = aws_s3_object.package[each.key].bucket
  s3_key                   = aws_s3_object.package[each.key].key
  source_code_hash         = local.hashes[each.key]
  compatible_runtimes      = [var.runtime]
  compatible_architectures = [var.architecture]
  skip_destroy             = true
}
