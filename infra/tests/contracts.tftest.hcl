# What was compiled is what is written, or the plan is refused. With which words: tests/infra/test_contracts.py.

variables {
  name_prefix        = "lakeloop-test"
  directory          = "../datasets"
  compiled_directory = "../build/contracts"
}

run "compiled_contracts" {
  command = plan
  module { source = "./modules/contracts" }

  assert {
    condition     = jsondecode(output.documents["breast_cancer"]).digest == filesha256("../datasets/breast_cancer.yaml")
    error_message = "A contract is known by its file's name, and handed on as it was compiled."
  }
}

run "a_contract_that_is_not_compiled" {
  command = plan
  module { source = "./modules/contracts" }

  variables {
    compiled_directory = "./tests/fixtures/packages"
  }

  expect_failures = [output.documents]
}

run "no_contract" {
  command = plan
  module { source = "./modules/contracts" }

  variables {
    directory          = "./tests/fixtures/packages"
    compiled_directory = "./tests/fixtures/packages"
  }

  expect_failures = [output.documents]
}
