"""Builds data sets: reads corpora, splits clips, writes faces and MFSC into shards; makes the embedded corpus."""
