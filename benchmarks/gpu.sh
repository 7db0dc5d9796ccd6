#!/usr/bin/env bash
# What a GPU makes of it: training steps at 64, 128 and 256 px, single requests, and the server, beside the estimates.
#
#   bash benchmarks/gpu.sh > gpu.txt
#
# Where TensorFlow sees no GPU it says so and measures nothing. It takes about ten minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
export TF_CPP_MIN_LOG_LEVEL=${TF_CPP_MIN_LOG_LEVEL:-3}

if ! "$python" -c 'import sys, tensorflow as tf; sys.exit(not tf.config.list_physical_devices("GPU"))' 2>/dev/null; then
  echo "TensorFlow sees no GPU here: nothing is measured"
  exit 0
fi
nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader || true
"$python" -c 'import tensorflow as tf; print("TensorFlow", tf.__version__)' 2>/dev/null

echo; echo "images/s of a training step, batch of the preset small"
for size in 64 128 256; do
  for precision in float32 float16 bfloat16; do
    printf '%4d px  %-9s' "$size" "$precision"
    "$python" -m benchmarks.train_step --only vfgan --size-px "$size" --precision "$precision" --steps 50 2>/dev/null
  done
done
echo; echo "estimates"
"$python" -m benchmarks.gpu_estimates
echo; echo "single requests"
"$python" -m benchmarks.latency 2>/dev/null
echo; echo "the embedded server"
"$python" -m benchmarks.serving --clients 1 8 32 2>/dev/null
