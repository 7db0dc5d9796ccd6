"""The server's metrics, in Prometheus' format.

Metrics that TF Serving has, too, have its names, so one dashboard reads both.
"""

import prometheus_client as prometheus

#: Upper bounds of the latency histograms, seconds.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
#: The usual path, and the one of TF Serving's `monitoring.config`.
PATHS = ("/metrics", "/monitoring/prometheus/metrics")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters of one server, in a registry of its own."""

    def __init__(self):
        self.registry = prometheus.CollectorRegistry()
        # a Gauge that only counts up, because a Counter's name would get the suffix _total
        self._requests = prometheus.Gauge(
            ":tensorflow:serving:request_count",
            "Requests by model and status",
            ["model_name", "status"],
            registry=self.registry,
        )
        self._latency = prometheus.Histogram(
            ":tensorflow:serving:request_latency",
            "From arrival to answer, microseconds",
            ["model_name", "API", "entrypoint"],
            buckets=[1e6 * bound for bound in _SECONDS],
            registry=self.registry,
        )
        self._rows = prometheus.Histogram(
            "vfgan_batch_rows",
            "Rows that were computed together",
            ["model_name"],
            buckets=(1, 2, 4, 8, 16, 32, 64),
            registry=self.registry,
        )
        self._merged = prometheus.Histogram(
            "vfgan_batch_requests",
            "Requests that were computed together",
            ["model_name"],
            buckets=(1, 2, 4, 8, 16, 32, 64),
            registry=self.registry,
        )
        prometheus.ProcessCollector(registry=self.registry)

    def request(self, model: str, code: str, entry: str, seconds: float) -> None:
        """Counts an answered request."""
        self._requests.labels(model, code).inc()
        self._latency.labels(model, "Predict", entry).observe(1e6 * seconds)

    def refused(self, model: str, code: str) -> None:
        """Counts a request that was refused before it was received or understood."""
        self._requests.labels(model, code).inc()

    def batch(self, model: str, rows: int, requests: int) -> None:
        """Counts a computed batch."""
        self._rows.labels(model).observe(rows)
        self._merged.labels(model).observe(requests)

    def watch(self, name: str, what: str, value) -> None:
        """Adds a number that is read when the page is asked for, such as pending requests."""
        prometheus.Gauge(name, what, registry=self.registry).set_function(value)

    def page(self) -> bytes:
        """All metrics as text."""
        return prometheus.generate_latest(self.registry)
