# What was called otherwise in a released state, so that an upgrade destroys nothing.

moved {
  from = module.function["bootstrap_lake"]
  to   = module.bootstrap["bootstrap_lake"]
}
