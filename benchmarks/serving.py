"""The embedded server under load, beside calls of the same SavedModel in this process.

A request is 3 s of speech and a face of 128 pixels, sent over gRPC on loopback. The clients are threads of one process
on the same machine, so their work is in the figures; how much of all processors' time it takes is printed, and the
share of what it leaves over: what a server reaches whose clients are elsewhere. In process, a call has as many rows as
there are clients. The two take turns, and medians are printed: the speed of a machine is not the same from minute to
minute.

python -m benchmarks.serving [--clients 1 8 32] [--seconds 10] [--repeats 3] [--memory-requests 10000]
"""

import argparse
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

MODEL, SIDE_PX, VOICE_SAMPLES = "vfgan", 128, 48_000


def inputs(rows: int) -> dict[str, np.ndarray]:
    """So many voices and faces."""
    rng = np.random.default_rng(0)
    return {
        "waveform": (0.1 * rng.standard_normal((rows, VOICE_SAMPLES))).astype(np.float32),
        "face": rng.integers(0, 256, (rows, SIDE_PX, SIDE_PX, 3)).astype(np.uint8),
    }


def in_process(call, rows: int, seconds: float) -> float:
    """Rows a second of calls one after the other, so many rows each.

    Args:
        call: signature of the SavedModel.
    """
    import tensorflow as tf

    given = {name: tf.constant(value) for name, value in inputs(rows).items()}
    call(**given)
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        call(**given)
        done += rows
    return done / (time.perf_counter() - start)


class Load:
    """Clients that ask without a pause.

    Args:
        address: host:port.
        clients: how many.
    """

    def __init__(self, address: str, clients: int):
        self._address, self._clients = address, clients
        self.seconds: list[float] = []
        self.work = 0.0  #: of this process, as a share of all processors' time

    def run(self, seconds: float, requests: int | None = None) -> float:
        """Requests a second; ends after `seconds`, or after so many requests."""
        start, worked = time.perf_counter(), time.process_time()
        self._end = start + seconds if requests is None else float("inf")
        self._requests = requests
        threads = [threading.Thread(target=self._ask) for _ in range(self._clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        passed = time.perf_counter() - start
        self.work = (time.process_time() - worked) / passed / len(os.sched_getaffinity(0))
        return len(self.seconds) / passed

    def _ask(self) -> None:
        from vfgan.serving import Client

        given = inputs(1)
        with Client(self._address) as client:
            while time.perf_counter() < self._end and (self._requests is None or len(self.seconds) < self._requests):
                start = time.perf_counter()
                client.predict(MODEL, given)
                self.seconds.append(time.perf_counter() - start)


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory-requests", type=int, default=10_000)
    args = parser.parse_args()
    from vfgan.savedmodel.load import load_model

    command = [sys.executable, "-m", "pipelines.cli", "serve", "--server", "embedded", "--port", "0"]
    server = subprocess.Popen([*command, "--rest-api-port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        server.stdout.readline()
        address = server.stdout.readline().split()[1]
        Load(address, 2).run(2.0)  # warm
        loaded, _ = load_model(MODEL)
        call = loaded.signatures["serving_default"]
        for clients in args.clients:
            there, here, waits, work = [], [], [], []
            for _ in range(args.repeats):
                here.append(in_process(call, clients, args.seconds))
                load = Load(address, clients)
                there.append(load.run(args.seconds))
                waits += load.seconds
                work.append(load.work)
            shares = np.array([served / called for served, called in zip(there, here)])
            p50, p99 = 1000 * np.percentile(waits, [50, 99])
            print(
                f"{clients:2} clients: served {np.median(there):6.1f} requests/s, in process {np.median(here):6.1f} "
                f"rows/s, share {np.median(shares):.2f} (clients take {np.median(work):.0%}; of the rest "
                f"{np.median(shares / (1 - np.array(work))):.2f}), p50 {p50:6.0f} ms, p99 {p99:6.0f} ms, server "
                f"{memory_mib(server.pid):.0f} MiB",
                flush=True,
            )
        memory = [memory_mib(server.pid)]
        for _ in range(10):
            Load(address, 8).run(0.0, args.memory_requests // 10)
            memory.append(memory_mib(server.pid))
        course = " ".join(f"{mib:.0f}" for mib in memory)
        print(f"server, MiB, before and after each tenth of {args.memory_requests} more requests: {course}")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
