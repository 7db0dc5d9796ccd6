"""The emotion CNN and the judge as whole Keras models: they know the size and the geometry of the faces they see."""

from pathlib import Path
from typing import Any, Literal

import keras

from vfgan.config.data import CropConfig
from vfgan.config.networks import FaceClassifierConfig
from vfgan.config.serialise import from_dict, to_dict
from vfgan.data.provenance import check_same_crop, earlier_origins
from vfgan.data.split import Split, source_of
from vfgan.emotions import FACE_EMOTIONS
from vfgan.learn.fitting import KeepsSeeds, check_parts, expect_split, fit_options
from vfgan.models import face_classifier as networks
from vfgan.storage.graph_errors import python_errors
from vfgan.training.runs import FaceKind, load_face_classifier


@keras.saving.register_keras_serializable("vfgan.learn")
class FaceClassifier(KeepsSeeds, networks.FaceClassifier):
    """A network from faces to emotions, ready for Keras' `compile`, `fit`, `evaluate`, `predict`, `save`, `load_model`.

        emotion_cnn = vfgan.FaceClassifier()
        emotion_cnn.compile("adam")
        emotion_cnn.fit(data.train.faces(64), validation_data=data.validation.faces(64), epochs=20)

    Defaults are those of `vfgan.config.networks.FaceClassifierConfig`. A judge is `FaceClassifier("separable",
    kind="judge")`, trained on `data.train.faces(64, half="second")`.

    Args:
        architecture: "vgg" or "separable".
        width: filters of the first stage; doubled at each.
        features: numbers of the penultimate layer.
        dropout: share of features dropped in training.
        size_px: width and height of the faces, pixels.
        label_smoothing: of the default loss.
        kind: "emotion-cnn", which may guide a generator, or "judge", which may not.
        crop: geometry of the faces; set by `adapt` and by `fit`.
        origin: what it learnt from; the same.
    Input:
        float32 [batch, size, size, 1], luma, -1…1; each picture is standardised by its own mean and deviation.
    Output:
        float32 [batch, 7], logits in the order of `vfgan.emotions.FACE_EMOTIONS`.
    """

    def __init__(
        self,
        architecture: Literal["vgg", "separable"] = FaceClassifierConfig.architecture,
        width: int = FaceClassifierConfig.width,
        features: int = FaceClassifierConfig.features,
        dropout: float = FaceClassifierConfig.dropout,
        *,
        size_px: int = FaceClassifierConfig.size_px,
        label_smoothing: float = FaceClassifierConfig.label_smoothing,
        kind: FaceKind = "emotion-cnn",
        crop: dict | None = None,
        origin: dict | None = None,
        **kwargs: Any,
    ):
        options: dict[str, Any] = {"architecture": architecture, "width": width, "features": features,
                                   "dropout": dropout}  # fmt: skip
        config = FaceClassifierConfig(**options, size_px=size_px, label_smoothing=label_smoothing)  # checks them
        super().__init__(**options, **kwargs)
        self.config, self.kind, self.origin = config, kind, origin
        self.crop = from_dict(CropConfig, crop, "crop") if crop else None
        self.build((None, size_px, size_px, 1))

    def adapt(self, data: Split) -> None:
        """Notes the geometry of the faces and where they are from. `fit` does it for batches of `Split.faces`.

        Raises:
            ConfigError: not a split.
            SchemaError: its crops are others than those that it has learnt from.
        """
        split = expect_split(data, "FaceClassifier")
        if self.crop is not None:
            check_same_crop(to_dict(self.crop), split.dataset, "this model has learnt from")
        now = {split.dataset.folder.name: split.origin}
        self.crop, self.origin = split.dataset.config.crop, earlier_origins(self.origin or {}, now) | now

    def compile(self, optimizer=None, loss=None, metrics=None, **options) -> None:
        """Keras' compile with the defaults of a training: AdamW, cross-entropy with smoothed labels, accuracy.

        Args:
            optimizer: name or optimizer, also with a schedule.
            loss, metrics, options: as Keras takes them, such as run_eagerly.
        """
        config = self.config
        super().compile(
            optimizer or keras.optimizers.AdamW(config.learning_rate, config.weight_decay),
            loss or keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=config.label_smoothing),
            metrics=["accuracy"] if metrics is None else metrics,
            **options,
        )

    def compile_from_config(self, config: dict) -> None:
        """As it was compiled when it was saved."""
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.optimizer.build(self.trainable_variables)

    def fit(self, x=None, y=None, *, validation_data=None, callbacks=None, **options) -> keras.callbacks.History:
        """Keras' fit.

        Args:
            x: batches from `Split.faces`, or float32 [examples, size, size, 1].
            y: where x are arrays, float32 [examples, 7], 1 at the emotion.
            validation_data: as x, or (x, y).
            callbacks, options: as Keras takes them.
        Raises:
            ConfigError: faces have another size.
        """
        self._check(x, y)
        if validation_data is not None:
            self._check(validation_data)
        source = source_of(x)
        if source:
            self.adapt(source.split)
        with python_errors():
            return super().fit(x, y, validation_data=validation_data, **fit_options(x, callbacks, options))

    def evaluate(self, x=None, y=None, **options):
        """Keras' evaluate; arguments and errors as of `fit`."""
        self._check(x, y)
        with python_errors():
            return super().evaluate(x, y, **options)

    def predict(self, x, **options):
        """Logits of faces, float32 [examples, 7]; arguments and errors as of `fit`."""
        self._check(x, labelled=False)
        with python_errors():
            return super().predict(x, **options)

    def get_config(self) -> dict:
        config = self.config
        return super().get_config() | {
            "size_px": config.size_px, "label_smoothing": config.label_smoothing, "kind": self.kind,
            "crop": to_dict(self.crop) if self.crop else None, "origin": self.origin,
        }  # fmt: skip

    @classmethod
    def from_run(cls, run: str | Path, kind: FaceKind = "emotion-cnn") -> "FaceClassifier":
        """The network of a finished run of `vfgan train emotion-cnn`, or `vfgan train judge`.

        Raises:
            SchemaError: there is none of this kind.
        """
        trained = load_face_classifier(run, kind)
        settings: dict[str, Any] = trained.network.settings
        crop, origin = to_dict(trained.crop), trained.resolved["data"]
        classifier = cls(**settings, size_px=trained.size_px, kind=kind, crop=crop, origin=origin)
        classifier.set_weights(trained.network.get_weights())
        return classifier

    def _check(self, x: Any, y: Any = None, *, labelled: bool = True) -> None:
        size_px = self.config.size_px
        faces, labels = ("faces", (None, size_px, size_px, 1)), ("labels", (None, len(FACE_EMOTIONS)))
        hint = f"Split.faces(batch_size, size_px={size_px}) gives them"
        check_parts(x, y, [faces, labels] if labelled else [faces], hint)
