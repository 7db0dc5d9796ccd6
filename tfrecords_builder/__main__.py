"""`python -m tfrecords_builder …` is `vfgan build …`."""

import importlib
import sys

# the command line lives in the pipelines, above this package; only this entry point reaches up to it
sys.exit(importlib.import_module("pipelines.cli").main(["build", *sys.argv[1:]]))
