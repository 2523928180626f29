# Contracts are checked when Terraform plans. What is refused, and with which words: tests/infra/test_contracts.py.

variables {
  name_prefix = "lakeloop-test"
  directory   = "../datasets"
}

run "shipped_contracts" {
  command = plan
  module { source = "./modules/contracts" }

  assert {
    condition     = contains(keys(output.contracts), "breast_cancer")
    error_message = "A contract is known by its file's name."
  }
}

run "a_wrong_contract" {
  command = plan
  module { source = "./modules/contracts" }

  variables {
    directory = "./tests/fixtures/contracts/wrong"
  }

  expect_failures = [output.contracts]
}

run "no_contract" {
  command = plan
  module { source = "./modules/contracts" }

  variables {
    directory = "./tests/fixtures/packages"
  }

  expect_failures = [var.directory]
}
