# Linked beside a copy of infra/ by `make plan ENV=...`; what is asked for stands in <environment>.s3.tfbackend.
terraform {
  backend "s3" {}
}
