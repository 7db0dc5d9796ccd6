"""The voice-conditioned CycleGAN as a whole Keras model: its networks, what hears and what sees, and its origin."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from vfgan.config.checks import require
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.config.presets import PRESETS, PresetName
from vfgan.config.serialise import from_dict, to_dict, with_options
from vfgan.data.attributes import ATTRIBUTES, Attributes, load_attributes, save_attributes
from vfgan.data.gan_material import GanMaterial
from vfgan.data.provenance import joined_origins
from vfgan.data.split import Pairs, Source
from vfgan.emotions import FACE_EMOTIONS
from vfgan.errors import ConfigError
from vfgan.learn.extractor import Extractor
from vfgan.learn.face_classifier import FaceClassifier
from vfgan.learn.fitting import Shape, as_list, check_shape, fit_options, read_again
from vfgan.learn.material import read_material
from vfgan.learn.monitor import Monitor
from vfgan.models import cyclegan as steps
from vfgan.models.build import cyclegan_arguments, make_optimizers, seen_px
from vfgan.models.gradients import keep_pairs
from vfgan.storage.graph_errors import python_errors
from vfgan.training.guard import Guard


@keras.saving.register_keras_serializable("vfgan.learn")
class CycleGan(steps.CycleGan):
    """The voice-conditioned CycleGAN, ready for Keras' `compile`, `fit`, `evaluate`, `predict`, `save`, `load_model`.

        gan = vfgan.CycleGan(extractor=extractor, emotion_cnn=emotion_cnn)
        gan.compile()
        gan.fit(data.train.pairs(8), epochs=20, callbacks=[vfgan.Guard()])
        vfgan.export(gan, "models/mine")

    Its training step is `vfgan.models.cyclegan.CycleGan.train_step`, as in `vfgan train gan`.

    Args:
        extractor: hears the voices; stays as it is.
        emotion_cnn: sees the emotions, for the verification loss; stays as it is. None: there is no such loss.
        preset: name of the defaults (`vfgan.config.presets`).
        options: of `vfgan.config.gan.GanConfig` without their group, such as size_px=64, lambda_cycle=4.0.
        config, origin, neutral_z: of a model that was saved.
    Inputs:
        [x float32 [batch, size, size, 1], luma, -1…1, z float32 [batch, z_size]].
    Output:
        float32 [batch, size, size, 1], -1…1.
    """

    bends = False  #: whether its generators bend faces

    config: GanConfig
    extractor: Extractor | None
    emotion_cnn: FaceClassifier | None
    origin: dict | None  #: config.json of a run; None before it was adapted
    neutral_z: np.ndarray | None  #: float32 [z_size], 0 on the intensity dial
    attributes: Attributes | None  #: voices that it learnt with

    def __init__(
        self,
        extractor: Extractor | None = None,
        emotion_cnn: FaceClassifier | None = None,
        *,
        preset: PresetName = "small",
        config: dict | None = None,
        origin: dict | None = None,
        neutral_z: list[float] | None = None,
        name: str | None = None,
        **options: Any,
    ):
        require(preset in PRESETS, "preset", " or ".join(PRESETS), preset)
        chosen = from_dict(GanConfig, config, "config") if config else with_options(PRESETS[preset], **options)
        if self.bends != (chosen.networks.head == "motion"):
            expected, other = ("motion", "CycleGan") if self.bends else ("another than motion", "MotionGan")
            raise ConfigError(f"head: expected {expected}, got {chosen.networks.head!r}; use vfgan.{other}")
        if emotion_cnn is not None and emotion_cnn.kind != "emotion-cnn":
            raise ConfigError(f"emotion_cnn: a {emotion_cnn.kind} only evaluates; expected a network of its own")
        if emotion_cnn is not None and emotion_cnn.config.size_px != seen_px(chosen):
            raise ConfigError(
                f"emotion_cnn takes faces of {emotion_cnn.config.size_px} px, the CycleGAN shows it {seen_px(chosen)} "
                "px: use one size_px"
            )
        z_size = extractor.settings["z_size"] if extractor is not None else ExtractorConfig.z_size
        if chosen.data.attribute == "label":
            z_size = len(FACE_EMOTIONS)
        super().__init__(**cyclegan_arguments(chosen, z_size, emotion_cnn), name=name)
        self.config, self.extractor, self.emotion_cnn = chosen, extractor, emotion_cnn
        self.origin, self.attributes = origin, None
        self.neutral_z = None if neutral_z is None else np.array(neutral_z, np.float32)

    def adapt(self, data: Pairs) -> None:
        """Notes the geometry of the faces, the neutral voice and where both are from. `fit` does it for its pairs.

        Raises:
            ConfigError: not pairs, or they lack what it needs.
        """
        if not isinstance(data, Pairs):
            kind = type(data).__name__
            raise ConfigError(f"CycleGan.adapt: expected pairs such as data.train.pairs(8), got a {kind}")
        self._adapt(*read_material(data, self))

    def _adapt(self, material: GanMaterial, origin: dict) -> None:
        self.origin = joined_origins(origin, self.origin) if self.origin else origin
        self.neutral_z, self.attributes = material.neutral_z, material.attributes

    def examples(self, pairs: Pairs) -> tf.data.Dataset:
        """The batches of pairs for this model, dictionaries of float32 arrays.

        x, y [batch, size, size, channels], -1…1: a source face, and one that shows an emotion; z, z_wrong
        [batch, z_size]; label [batch, 7], 1 at y's emotion; emotional [batch]. A generator that bends gets landmarks,
        too (`vfgan.data.motion_examples`). Each epoch of the split `train` has others.
        """
        return _batches_of(pairs, read_material(pairs, self)[0])

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, *more, **options) -> None:
        """Optimizers of G and F, and of all that judges them; by default those of the configuration.

        Args:
            generator_optimizer, discriminator_optimizer: names or optimizers, also with a schedule.
            more: of a generator that bends, the optimizer of what bends.
            options: as Keras takes them, such as run_eagerly.
        """
        unknown = sorted({"loss", "metrics", "weighted_metrics"} & set(options))
        if unknown:
            raise ConfigError(
                f"CycleGan.compile: {unknown[0]} is not taken: it has its own terms, and vfgan.Monitor scores"
            )
        keep_pairs()
        given = [generator_optimizer, discriminator_optimizer, *more]
        default = make_optimizers(self.config)
        given += [None] * (len(default) - len(given))
        chosen = [keras.optimizers.get(mine) if mine else other for mine, other in zip(given, default, strict=True)]
        # XLA wants shapes that the pools of earlier faces do not have
        super().compile(*chosen, **{"jit_compile": False} | options)

    def get_compile_config(self) -> dict:
        optimizers = self.optimizers if self.compiled else []
        chosen = [keras.saving.serialize_keras_object(optimizer) for optimizer in optimizers]
        return {"optimizers": chosen, "run_eagerly": bool(self.compiled and self.run_eagerly)}

    def compile_from_config(self, config: dict) -> None:
        """As it was compiled when it was saved."""
        optimizers = [keras.saving.deserialize_keras_object(optimizer) for optimizer in config["optimizers"]]
        if optimizers:
            self.compile(*optimizers, run_eagerly=config["run_eagerly"])

    @property
    def optimizers(self) -> list[keras.Optimizer]:
        """In the order of `compile`."""
        names = ("generator_optimizer", "discriminator_optimizer", "bending_optimizer")
        return [getattr(self, name) for name in names if hasattr(self, name)]

    def fit(self, x=None, *, validation_data=None, epochs=1, callbacks=None, **options) -> keras.callbacks.History:
        """Keras' fit. The verification loss' schedule runs over all its epochs.

        Args:
            x: `Split.pairs`, or a `tf.data.Dataset` of batches as `examples` gives them.
            validation_data: the same, of held-back faces.
            callbacks: such as `vfgan.Guard`, `vfgan.Monitor` and Keras' own.
            epochs, options: as Keras takes them.
        Raises:
            ConfigError: a key is missing, or a size differs; the pairs lack what the model needs.
            TrainingDiverged: a fault that the guard cannot repair.
        """
        given, material, validation = as_list(callbacks), None, validation_data
        read = functools.cache(lambda pairs: read_material(pairs, self))
        if isinstance(x, Pairs):
            material, origin = read(x)
            self._adapt(material, origin)
            x = _batches_of(x, material)
        if isinstance(validation, Pairs):
            validation = _batches_of(validation, read(validation)[0])
        for batches in [x] if validation is None else [x, validation]:
            self._check(batches)
        for callback in given:
            self._watched_by(callback, x, read)
        self._plan(int(x.cardinality()) * epochs)
        first, last = self._own_callbacks(material)
        options = fit_options(x, [*first, *given, *last], options)
        with python_errors():
            return super().fit(x, validation_data=validation, epochs=epochs, **options)

    def _plan(self, steps: int) -> None:
        """Lets the verification loss' schedule run over so many steps, where their number is known."""
        if steps > 0 and steps != self.total_steps and self.verification_schedule != "constant":
            self.total_steps, self.train_function = steps, None  # the graph holds it

    def _own_callbacks(self, material: GanMaterial | None) -> tuple[list, list]:
        """Those that come before the user's, and after them."""
        return [], []

    def _watched_by(self, callback: Any, batches: tf.data.Dataset, read: Callable) -> None:
        """Tells guard and monitor what they watch."""
        if isinstance(callback, Guard):
            callback.watch(self, lambda first, end: read_again(batches, first, end))
        if isinstance(callback, Monitor) and callback.pairs is not None:
            held, _ = read(callback.pairs)
            callback.watch(
                self, held.sources, held.faces, held.attributes, self.emotion_cnn,
                seen_px=seen_px(self.config), seed=callback.pairs.seed,
            )  # fmt: skip

    def evaluate(self, x=None, **options):
        """Keras' evaluate: all terms of both objectives; x and errors as of `fit`."""
        batches = self.examples(x) if isinstance(x, Pairs) else x
        self._check(batches)
        with python_errors():
            return super().evaluate(batches, **options)

    def predict(self, x, **options):
        """G(x, z): faces of the shape of those given, float32, -1…1.

        Args:
            x: [faces float32 [n, size, size, channels], z float32 [n, z_size]], or batches as of `fit`.
            options: as Keras takes them.
        Raises:
            ConfigError: another size.
        """
        x = self.examples(x) if isinstance(x, Pairs) else x
        if isinstance(x, tf.data.Dataset):
            self._check(x)
        else:
            for part, (name, shape) in zip(x, self._shapes().items()):
                check_shape(part, name, shape, _HINT)
        with python_errors():
            return super().predict(x, **options)

    def call(self, inputs, training=False):
        """G(x, z) of [x, z], or of a batch."""
        return super().call([inputs["x"], inputs["z"]] if isinstance(inputs, dict) else inputs, training=training)

    def _shapes(self) -> dict[str, Shape]:
        size_px, z_size = self.config.networks.size_px, self.g.settings["z_size"]
        face, voice = (None, size_px, size_px, self.config.channels), (None, z_size)
        return {"x": face, "z": voice, "y": face, "z_wrong": voice}

    def _check(self, batches: Any) -> None:
        """Checks a dataset of batches.

        Raises:
            ConfigError: it is none, a key is missing or a size differs.
        """
        spec = batches.element_spec if isinstance(batches, tf.data.Dataset) else None
        if not isinstance(spec, dict):
            raise ConfigError(
                f"expected data.train.pairs(8) or a tf.data.Dataset of dictionaries, got {spec or batches!r}"
            )
        needed = self._shapes()
        if self.critic is not None or self.config.losses.verification_target == "emotion":
            needed |= {"label": (None, len(FACE_EMOTIONS))}
        missing = [name for name in needed if name not in spec]
        if missing:
            raise ConfigError(f"batches have no {missing[0]!r}: expected {', '.join(needed)}, got {', '.join(spec)}")
        for name, shape in needed.items():
            check_shape(spec[name], name, shape, _HINT)

    def get_config(self) -> dict:
        def whole(network):
            """Without its optimizer: it stays as it is."""
            saved = network and keras.saving.serialize_keras_object(network)
            return saved and {name: value for name, value in saved.items() if name != "compile_config"}

        return {
            "name": self.name, "config": to_dict(self.config), "extractor": whole(self.extractor),
            "emotion_cnn": whole(self.emotion_cnn), "origin": self.origin,
            "neutral_z": None if self.neutral_z is None else self.neutral_z.tolist(),
        }  # fmt: skip

    @classmethod
    def from_config(cls, config: dict):
        """What `get_config` gave."""
        networks = {name: config[name] and keras.saving.deserialize_keras_object(config[name])
                    for name in ("extractor", "emotion_cnn")}  # fmt: skip
        return cls(**(config | networks))

    def save_own_variables(self, store) -> None:
        """Beside the networks' weights: steps, running average and pools."""
        for index, variable in enumerate(self.own_variables):
            store[f"own_{index}"] = variable.numpy()

    def load_own_variables(self, store) -> None:
        """What `save_own_variables` gave; weights of `vfgan train gan` have none of it."""
        known = set(store.keys())
        for index, variable in enumerate(self.own_variables):
            if f"own_{index}" in known:
                variable.assign(np.array(store[f"own_{index}"]))

    def save_assets(self, dir_path: str) -> None:
        """The voices that it learnt with, for `vfgan personalise`."""
        if self.attributes is not None:
            save_attributes(self.attributes, Path(dir_path) / ATTRIBUTES)

    def load_assets(self, dir_path: str) -> None:
        path = Path(dir_path) / ATTRIBUTES
        if path.is_file():
            self.attributes = load_attributes(path, self.g.settings["z_size"])


_HINT = "make the model with another size_px, or the examples with gan.examples(pairs)"


def _batches_of(pairs: Pairs, material: GanMaterial) -> tf.data.Dataset:
    """Batches of pairs; of the split `train` others each epoch."""
    epochs = pairs.epochs(material.faces)
    if pairs.splits[0].name != "train":
        return material.make_dataset(0, epochs.steps)
    batches = material.make_dataset(epochs, epochs.steps)
    batches.vfgan_source = Source(pairs.splits[0], epochs)
    return batches
