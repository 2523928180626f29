terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge(var.tags, {
      "lakeloop:environment" = "${var.project}-${var.environment}"
      "lakeloop:region"      = var.region
      "lakeloop:version"     = local.version
    })
  }
}
