"""Information about a model: the state of its versions, and its signatures."""

from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2

from vfgan.serving.models import Models
from vfgan.serving.predictor import Asked

_UNKNOWN = 2  #: the code of a version that could not be loaded


def status_response(models: Models, asked: Asked) -> get_model_status_pb2.GetModelStatusResponse:
    """The versions and their states, newest first.

    Raises:
        RequestFailed: NOT_FOUND.
    """
    response = get_model_status_pb2.GetModelStatusResponse()
    for version, state in models.states(asked.name, asked.version, asked.label).items():
        status = response.model_version_status.add(version=version)
        status.state = get_model_status_pb2.ModelVersionStatus.State.Value(state.state)
        status.status.error_code = _UNKNOWN if state.error else 0
        status.status.error_message = state.error
    return response


def metadata_response(models: Models, asked: Asked) -> get_model_metadata_pb2.GetModelMetadataResponse:
    """The signatures of a version.

    Raises:
        RequestFailed: NOT_FOUND.
    """
    servable = models.find(asked.name, asked.version, asked.label)
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    response.model_spec.name, response.model_spec.version.value = servable.name, servable.version
    signatures = get_model_metadata_pb2.SignatureDefMap()
    for name, spec in servable.signature_defs.items():
        signatures.signature_def[name].CopyFrom(spec)
    response.metadata["signature_def"].Pack(signatures)
    return response
