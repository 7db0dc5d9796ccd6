"""`python -m tfrecords_builder …` is `vfgan build …`."""

import importlib
import sys

# the command line is in `pipelines`, a layer above this package; only this entry point imports from there
sys.argv[1:1] = ["build"]
importlib.import_module("pipelines.cli").run()
