#!/bin/sh
# Runs the protocol suite (tests/vfgan/serving/test_protocol.py) against TF Serving's own server, in Docker:
#     deploy/smoke_test.sh
# PYTHON is a Python with vfgan[test], by default that of `make install`. VFGAN_SMOKE_GRPC and VFGAN_SMOKE_REST are free
# ports of this machine, by default 8510 and 8511. The exit code is pytest's; 2 without Docker.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-.venv/bin/python}
export VFGAN_SMOKE_GRPC=${VFGAN_SMOKE_GRPC:-8510} VFGAN_SMOKE_REST=${VFGAN_SMOKE_REST:-8511}
if ! command -v docker >/dev/null; then
    echo "docker is not on PATH: install Docker with Compose, or use \`make test\`, which tests the embedded server" >&2
    exit 2
fi
TOYS=$(mktemp -d)
export TOYS
trap 'docker compose -f deploy/compose.smoke.yaml down; rm -rf "$TOYS"' EXIT
chmod 755 "$TOYS"
"$PYTHON" -m tests.vfgan.serving.toy_models "$TOYS"
docker compose -f deploy/compose.smoke.yaml up --detach --wait
VFGAN_SERVING="127.0.0.1:$VFGAN_SMOKE_GRPC,$VFGAN_SMOKE_REST" \
    "$PYTHON" -m pytest -q tests/vfgan/serving/test_protocol.py -k running
