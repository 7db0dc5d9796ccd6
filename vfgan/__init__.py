"""vfgan reads the emotion in a voice and shows it on a face.

The parts of the library are imported when they are first used, so that `import vfgan` is quick:

    vfgan.VoiceFace         a SavedModel that puts a voice's emotion on faces (vfgan.generate.voice_face)
    vfgan.Extractor         the voice attribute extractor, a Keras model (vfgan.models.extractor)
    vfgan.CycleGan          the voice-conditioned CycleGAN, a Keras model (vfgan.models.cyclegan)
    vfgan.DataSet           a folder made by `vfgan build` (vfgan.data.dataset)
    vfgan.voice_files       FLAC, MP3 and Ogg files as a tf.data.Dataset of waveforms (vfgan.data.voice_files)
    vfgan.load_voice_reader loads a trained extractor; its .reader.embed(waveform) gives z (vfgan.training.runs)
    vfgan.models_dir        the folder of the SavedModels (vfgan.savedmodel.load)
"""

import importlib

__version__ = "0.1.0"

_HOME = {
    "VoiceFace": "vfgan.generate.voice_face",
    "generate_image": "vfgan.generate.image",
    "generate_video": "vfgan.generate.video",
    "Extractor": "vfgan.models.extractor",
    "CycleGan": "vfgan.models.cyclegan",
    "DataSet": "vfgan.data.dataset",
    "voice_files": "vfgan.data.voice_files",
    "load_voice_reader": "vfgan.training.runs",
    "models_dir": "vfgan.savedmodel.load",
}

__all__ = [
    "CycleGan",
    "DataSet",
    "Extractor",
    "VoiceFace",
    "__version__",
    "generate_image",
    "generate_video",
    "load_voice_reader",
    "models_dir",
    "voice_files",
]


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'vfgan' has no attribute {name!r}")
