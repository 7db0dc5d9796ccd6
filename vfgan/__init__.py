"""vfgan reads the emotion in a voice and shows it on a face.

The parts of the library are imported when they are first used, so that `import vfgan` is quick.

What a trained model does:

    vfgan.VoiceFace         a SavedModel that puts a voice's emotion on faces (vfgan.generate.voice_face)
    vfgan.generate_image    a voice and a picture -> a picture; generate_video: footage -> a video
    vfgan.models_dir        the folder of the SavedModels (vfgan.savedmodel.load)

How one is trained, with Keras' compile, fit, evaluate, predict, save:

    vfgan.load_dataset      a folder made by `vfgan build`: .train, .validation, .test, .table() (vfgan.data.dataset)
    vfgan.Extractor         the voice attribute extractor (vfgan.learn.extractor)
    vfgan.FaceClassifier    the emotion CNN, or the judge (vfgan.learn.face_classifier)
    vfgan.CycleGan          the voice-conditioned CycleGAN; MotionGan: one that bends faces (vfgan.learn.cyclegan)
    vfgan.Guard             callback: repairs or stops a CycleGAN's training at a fault (vfgan.training.guard)
    vfgan.Monitor           callback: scores, samples and curves of held-back faces (vfgan.learn.monitor)
    vfgan.export            one of these -> a SavedModel with its card (vfgan.learn.export)
    vfgan.load_model        a FILE.keras that one was saved as

Their parts:

    vfgan.Generator, vfgan.Discriminator   networks (vfgan.models.generator, vfgan.models.discriminator)
    vfgan.VoiceReader       an extractor that hears whole recordings (vfgan.models.voice_reader)
    vfgan.load_waveform     a recording or video -> its voice (vfgan.media.audio)
    vfgan.voice_files       FLAC, MP3 and Ogg as a tf.data.Dataset of waveforms (vfgan.data.voice_files)
    vfgan.mfsc              waveforms -> MFSC (vfgan.voice.mfsc)
    vfgan.load_voice_reader the extractor of a run of `vfgan train extractor` (vfgan.training.runs)
"""

import importlib

__version__ = "0.1.0"

_HOME = {
    "VoiceFace": "vfgan.generate.voice_face",
    "generate_image": "vfgan.generate.image",
    "generate_video": "vfgan.generate.video",
    "Extractor": "vfgan.learn.extractor",
    "FaceClassifier": "vfgan.learn.face_classifier",
    "Generator": "vfgan.models.generator",
    "Discriminator": "vfgan.models.discriminator",
    "VoiceReader": "vfgan.models.voice_reader",
    "export": "vfgan.learn.export",
    "load_dataset": "vfgan.data.dataset",
    "load_model": "vfgan.learn.export",
    "load_waveform": "vfgan.media.audio",
    "mfsc": "vfgan.voice.mfsc",
    "CycleGan": "vfgan.learn.cyclegan",
    "MotionGan": "vfgan.learn.motion_gan",
    "Guard": "vfgan.training.guard",
    "Monitor": "vfgan.learn.monitor",
    "DataSet": "vfgan.data.dataset",
    "voice_files": "vfgan.data.voice_files",
    "load_voice_reader": "vfgan.training.runs",
    "models_dir": "vfgan.savedmodel.load",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'vfgan' has no attribute {name!r}")
