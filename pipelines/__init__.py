"""The runnable end-to-end pipelines: parse, build objects, run, write. No maths."""
