# make demo, make test: see README.md
PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV   ?= .venv
BIN     = $(VENV)/bin
SOURCES = vfgan tfrecords_builder pipelines tests benchmarks examples setup.py
DEMO    ?= runs/demo
# tests are grouped and ordered by tests/conftest.py
PARALLEL = -n 2 --dist loadgroup --no-loadscope-reorder
PIP     = $(BIN)/python -m pip install --quiet --disable-pip-version-check
PACKAGES = --constraint constraints.txt --config-settings editable_mode=compat --editable '.[test]'

export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: install demo browser check test test-all lint wheel clean

install: $(VENV)/.installed

# uv installs in half a minute what takes pip two; where only pip knows the way to the packages (pip.conf), pip does it.
# Both compile: where Python may not write beside packages, each import of TensorFlow would take 13 s instead of 5.
# compat: the package is found also where the clone's own folder of that name lies beside the program that imports it;
# libGL and glib are what MediaPipe's OpenCV needs of the system; installed where they lack and we may
$(VENV)/.installed: setup.cfg constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null || $(PIP) uv || echo 'there is no uv: pip takes longer'
	PATH="$$PATH:$(BIN)" uv pip install --quiet --compile-bytecode --python $(BIN)/python $(PACKAGES) || $(PIP) $(PACKAGES)
	@$(BIN)/python -c 'import cv2' 2>/dev/null || (echo 'OpenCV needs libGL and glib: installing them with apt-get'; \
	  apt-get update -qq && apt-get install -y -qq libgl1 libglib2.0-0)
	touch $@

demo: install
	$(BIN)/vfgan demo --out $(DEMO) $(DEMO_OPTIONS)

lint: install
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

# the studio is tested in Chromium; where it cannot be installed, those tests are skipped and say so
browser:
	@command -v chromium >/dev/null || (echo 'installing Chromium with apt-get'; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium) || echo 'there is no Chromium'

# the quick ones: 1 to 2 minutes on 2 cores
check: lint
	$(BIN)/python -m pytest $(PARALLEL) -q -m 'not slow and not medium'

# 8 to 11 minutes on 2 cores
test: lint browser
	$(BIN)/python -m pytest $(PARALLEL) -q -m 'not slow'

test-all: lint browser
	$(BIN)/python -m pytest $(PARALLEL) -q

wheel: install
	$(BIN)/python -m build --wheel --outdir dist .

clean:
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
