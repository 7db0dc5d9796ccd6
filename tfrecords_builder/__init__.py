"""All that knows a corpus' layout: sources, splits, faces and MFSC into shards, the embedded corpus."""
