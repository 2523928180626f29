# The dashboard shows every step; a budget is there where somebody is told of it.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name_prefix = "lakeloop-test"
  region      = "us-east-1"
  api         = { name = "lakeloop-test-predictions", stage = "v1" }
  chains      = ["transform_data", "start_tuning"]
  endpoints   = ["lakeloop-test-wine"]
}

run "dashboard" {
  command = plan
  module { source = "./modules/observability" }

  assert {
    condition = alltrue([
      for name in ["lakeloop-test-transform-data-dlq", "lakeloop-test-start-tuning", "lakeloop-test-wine", "lakeloop-test-predictions"] :
      strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "\"${name}\"")
    ])
    error_message = "Queues, dead letters, endpoints and the API are on it."
  }

  assert {
    condition     = length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x} ${widget.y}"])) == 9
    error_message = "No graph hides another."
  }

  assert {
    condition     = length(aws_budgets_budget.this) == 0
    error_message = "No budget unless it is asked for."
  }
}

# CloudWatch refuses a dashboard with a graph of more.
run "three_hundred_datasets" {
  command = plan
  module { source = "./modules/observability" }

  variables {
    endpoints = [for number in range(600) : "lakeloop-test-${number}"]
  }

  assert {
    condition     = max([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : length(widget.properties.metrics)]...) == 500
    error_message = "No graph has more than 500 metrics."
  }
}

run "budget" {
  command = plan
  module { source = "./modules/observability" }

  variables {
    budget = { monthly_usd = 100, emails = ["ml@example.com"] }
  }

  assert {
    condition     = one(aws_budgets_budget.this["monthly"].cost_filter).values == tolist(["user:lakeloop:environment$lakeloop-test"])
    error_message = "Of this environment alone."
  }
}

run "a_budget_that_nobody_is_told_of" {
  command = plan
  module { source = "./modules/observability" }

  variables {
    budget = { monthly_usd = 100, emails = [] }
  }

  expect_failures = [var.budget]
}
