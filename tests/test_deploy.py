"""What is in deploy/: as far as it can be checked without the programs that read it."""

import re
from pathlib import Path

import pytest
import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from tensorflow.core.protobuf import saved_model_pb2

from vfgan.serving.metrics import PATHS, Metrics
from vfgan.serving.model_list import models_of_config
from vfgan.serving.servable import Signature

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
SAVED_MODELS = DEPLOY.parent / "saved_models"
ADAPTER = "prometheus-adapter.yaml"  # values of a Helm chart, no manifest
MANIFESTS = sorted(path.name for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != ADAPTER)
#: Of tensorflow_model_server (its main.cc).
FLAGS = {
    "model_config_file", "model_config_file_poll_wait_seconds", "file_system_poll_wait_seconds",
    "monitoring_config_file", "enable_batching", "enable_per_model_batching_parameters", "batching_parameters_file",
    "rest_api_timeout_in_ms", "enable_grpc_healthcheck_service",
}  # fmt: skip
#: Fields of TF Serving's messages that its Python package lacks: name -> (number, type); session_bundle_config.proto
#: and monitoring_config.proto.
BATCHING = {
    "max_batch_size": (1, "Int64Value"), "batch_timeout_micros": (2, "Int64Value"),
    "max_enqueued_batches": (3, "Int64Value"), "num_batch_threads": (4, "Int64Value"),
    "thread_pool_name": (5, "StringValue"), "pad_variable_length_inputs": (7, "bool"),
}  # fmt: skip


def read(name):
    return yaml.safe_load((DEPLOY / name).read_text())


def message(fields):
    """A message class with wrapped numbers and strings, or plain bools."""
    from google.protobuf import wrappers_pb2

    file = descriptor_pb2.FileDescriptorProto(
        name="x.proto", syntax="proto3", dependency=["google/protobuf/wrappers.proto"]
    )
    kind = file.message_type.add(name="X")
    for name, (number, wrapper) in fields.items():
        field = kind.field.add(name=name, number=number, label=1, type=8 if wrapper == "bool" else 11)
        if wrapper != "bool":
            field.type_name = f".google.protobuf.{wrapper}"
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("X"))


def signatures(name):
    """Signature name -> what it takes and gives, of a shipped model."""
    versions = [int(path.name) for path in (SAVED_MODELS / name).iterdir() if path.name.isdecimal()]
    data = (SAVED_MODELS / name / str(max(versions)) / "saved_model.pb").read_bytes()
    (meta,) = saved_model_pb2.SavedModel.FromString(data).meta_graphs
    return {key: spec for key, spec in meta.signature_def.items() if not key.startswith("__")}


def test_every_shipped_model_is_served():
    models = models_of_config(DEPLOY / "models.config")
    assert {model.name for model in models} == {path.name for path in SAVED_MODELS.iterdir() if path.is_dir()}
    for model in models:
        assert model.base == Path("/models") / model.name  # where compose and Kubernetes mount saved_models
        assert "serving_default" in signatures(model.name)


@pytest.mark.parametrize("name", ["batching.config", "batching_params.pbtxt"])
def test_batching(name):
    found = text_format.Parse((DEPLOY / name).read_text(), message(BATCHING)())
    assert found.ListFields()


def test_only_models_that_are_rows_throughout_may_be_batched():
    """As deploy/README.md says."""
    rows = {
        model.name
        for model in models_of_config(DEPLOY / "models.config")
        if all(Signature(key, spec, None).batchable for key, spec in signatures(model.name).items())
    }
    assert rows == {"emotion_cnn", "judge"}


def test_generators_tell_clients_their_contract():
    """What `vfgan client` needs and TF Serving has no card for."""
    found = {model.name: signatures(model.name) for model in models_of_config(DEPLOY / "models.config")}
    generators = {name for name, keys in found.items() if "neutral_z" in keys}
    assert generators >= {"vfgan", "actor01"}
    assert generators == {name for name, keys in found.items() if "contract" in keys}


def test_monitoring():
    text = (DEPLOY / "monitoring.config").read_text()
    assert re.fullmatch(r'prometheus_config \{ enable: true path: "(.*)" \}\n', text)[1] in PATHS


def container():
    return read("kubernetes/deployment.yaml")["spec"]["template"]["spec"]["containers"][0]


#: Of the Compose Specification, as far as a server needs them.
SERVICE_FIELDS = {
    "image", "command", "ports", "volumes", "healthcheck", "stop_grace_period", "mem_limit", "restart", "environment",
}  # fmt: skip
HEALTHCHECK_FIELDS = {"test", "interval", "timeout", "retries", "start_period"}


def test_compose_has_only_fields_that_there_are():
    compose = read("compose.yaml")
    assert set(compose) == {"services"}
    for service in compose["services"].values():
        assert set(service) <= SERVICE_FIELDS
        assert set(service["healthcheck"]) <= HEALTHCHECK_FIELDS


def test_compose_and_kubernetes_start_the_same_server():
    service = read("compose.yaml")["services"]["serving"]
    assert service["command"] == container()["args"]
    assert service["image"] == container()["image"]
    assert re.fullmatch(r"tensorflow/serving:2\.17\.\d+", service["image"])  # the version that the models are made with


def test_the_server_is_given_flags_and_files_that_exist():
    for argument in container()["args"]:
        flag, value = re.fullmatch(r"--([a-z_]+)=(.+)", argument).groups()
        assert flag in FLAGS
        if flag.endswith("_file"):
            assert (DEPLOY / Path(value).relative_to("/config")).is_file()


def test_the_smoke_test_starts_the_server_that_is_deployed():
    """Another models.config, and no waiting; all else is compose.yaml's."""
    service, deployed = read("compose.smoke.yaml")["services"]["smoke"], read("compose.yaml")["services"]["serving"]
    assert service["image"] == deployed["image"]
    assert set(service) <= SERVICE_FIELDS
    own = {"model_config_file", "model_config_file_poll_wait_seconds", "file_system_poll_wait_seconds"}

    def flags(command):
        found = dict(re.fullmatch(r"--([a-z_]+)=(.+)", value).groups() for value in command)
        return {name: value for name, value in found.items() if name not in own}

    assert flags(service["command"]) == flags(deployed["command"]) | {
        "allow_version_labels_for_unavailable_models": "true"
    }


def test_compose_mounts_what_it_says():
    config = read("compose.yaml")
    assert set(config) == {"services"}
    (service,) = config["services"].values()
    for volume in service["volumes"]:
        source, target, mode = volume.split(":")
        assert (DEPLOY / source).is_dir()
        assert target in ("/models", "/config")
        assert mode == "ro"
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


@pytest.mark.parametrize("name", MANIFESTS)
@pytest.mark.parametrize("version", ["1.28", "1.34"])
def test_kubernetes_schemas(name, version):
    import kubernetes_validate

    kubernetes_validate.validate(read(f"kubernetes/{name}"), version, strict=True)


def test_manifests_name_each_other():
    deployment, service = read("kubernetes/deployment.yaml"), read("kubernetes/service.yaml")
    pod, scaler = deployment["spec"]["template"], read("kubernetes/autoscaler.yaml")["spec"]
    assert deployment["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"] == service["spec"]["selector"]
    assert "replicas" not in deployment["spec"]  # they are the autoscaler's
    assert scaler["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert volumes["models"]["persistentVolumeClaim"]["claimName"] == read("kubernetes/models.yaml")["metadata"]["name"]
    kustomization = read("kustomization.yaml")
    (generated,) = kustomization["configMapGenerator"]
    assert volumes["config"]["configMap"]["name"] == generated["name"]
    mounted = [value for value in container()["args"] if "=/config/" in value]
    assert {value.split("/")[-1] for value in mounted} == set(generated["files"])
    assert set(kustomization["resources"]) == {f"kubernetes/{name}" for name in MANIFESTS}
    ports = {port["name"] for port in container()["ports"]}
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def test_pods_are_stopped_slower_than_requests_end():
    pod = read("kubernetes/deployment.yaml")["spec"]["template"]["spec"]
    pause = int(container()["lifecycle"]["preStop"]["exec"]["command"][1])
    longest = max(int(value.split("=")[1]) for value in container()["args"] if "timeout_in_ms" in value) / 1000
    assert pod["terminationGracePeriodSeconds"] >= pause + longest


def test_pods_scale_by_a_number_that_the_server_gives():
    (rule,) = read(f"kubernetes/{ADAPTER}")["rules"]["custom"]
    (metric,) = read("kubernetes/autoscaler.yaml")["spec"]["metrics"]
    assert rule["name"]["as"] == metric["pods"]["metric"]["name"]
    series = re.search(r'__name__="([^"]+)"', rule["seriesQuery"])[1]
    assert f'__name__="{series}"' in rule["metricsQuery"]
    metrics = Metrics()
    metrics.request("vfgan", "OK", "GRPC", 0.1)
    assert f'\n{series}{{model_name="vfgan",status="OK"}} 1.0\n' in metrics.page().decode()
    annotations = read("kubernetes/deployment.yaml")["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/path"] in PATHS


def test_probes_ask_for_a_model_that_is_served():
    for probe in ("startupProbe", "readinessProbe"):
        name = re.fullmatch(r"/v1/models/(\w+)/metadata", container()[probe]["httpGet"]["path"])[1]
        assert name in {model.name for model in models_of_config(DEPLOY / "models.config")}


def test_files_that_the_readme_names_are_there():
    text = (DEPLOY / "README.md").read_text()
    for path in re.findall(r"`(tests/[\w/.]+|deploy/[\w/.]+)`", text):
        assert (DEPLOY.parent / path).exists(), path
