"""The command line and its pipelines: they parse options, call the library and write results. They hold no maths."""
