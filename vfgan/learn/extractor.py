"""The voice attribute extractor as a whole Keras model: it knows its front end, its scale and what it learnt from."""

from pathlib import Path
from typing import Any, Literal

import keras

from vfgan.config.data import MfscConfig
from vfgan.config.networks import ExtractorConfig
from vfgan.config.serialise import from_dict, to_dict
from vfgan.data.attributes import measure_z
from vfgan.data.split import Split, source_of
from vfgan.data.voice_examples import MEASURED_STEPS, measure_windows
from vfgan.data.voice_set import Voices
from vfgan.emotions import EMOTIONS
from vfgan.errors import ConfigError
from vfgan.learn.fitting import KeepsSeeds, check_parts, expect_split, fit_options
from vfgan.models import extractor as networks
from vfgan.models.losses import MaskedCrossEntropy, recognised
from vfgan.models.voice_reader import VoiceReader
from vfgan.storage.graph_errors import python_errors
from vfgan.training.runs import load_voice_reader


@keras.saving.register_keras_serializable("vfgan.learn")
class Extractor(KeepsSeeds, networks.Extractor):
    """AlexNet on windows of MFSC, ready for Keras' `compile`, `fit`, `evaluate`, `predict`, `save` and `load_model`.

        extractor = vfgan.Extractor()
        extractor.adapt(data.train)
        extractor.compile("adam")
        extractor.fit(data.train.windows(64), validation_data=data.validation.windows(64), epochs=20)

    Defaults are those of `vfgan.config.networks.ExtractorConfig`, where each is explained.

    Args:
        widths: filters of the four convolutions.
        dense: units of the dense layer.
        z_size: numbers of the voice attribute z.
        dropout: share dropped before and after the dense layer.
        features: "mfsc", "mfcc" or "static", what of a voice is seen.
        over_time: "statistics" or "all", what of the last stage the dense layer sees.
        towers: networks side by side; z is the mean of theirs.
        temperature: the logits are divided by it before the softmax, outside of training.
        familiar_range: how far from the training voices is familiar; 0: not measured.
        label_smoothing: of the default loss.
        mfsc: the front end, as `data.config.mfsc`.
        origin: what it was adapted to; set by `adapt`.
    Input:
        float32 [batch, 40, 40, 3] (frames, bands, and MFSC with its two differences), level-free.
    Output:
        float32 [batch, 8], logits in the order of `vfgan.emotions.EMOTIONS`; in training of each tower by itself,
        float32 [batch, towers, 8], where there are several.
    """

    def __init__(
        self,
        widths: tuple[int, ...] = ExtractorConfig.widths,
        dense: int = ExtractorConfig.dense,
        z_size: int = ExtractorConfig.z_size,
        dropout: float = ExtractorConfig.dropout,
        *,
        features: Literal["mfsc", "mfcc", "static"] = ExtractorConfig.features,
        over_time: Literal["all", "statistics"] = ExtractorConfig.over_time,
        towers: int = ExtractorConfig.towers,
        temperature: float = ExtractorConfig.temperature,
        familiar_range: float = ExtractorConfig.familiar_range,
        label_smoothing: float = ExtractorConfig.label_smoothing,
        mfsc: MfscConfig | dict | None = None,
        origin: dict | None = None,
        **kwargs: Any,
    ):
        options: dict[str, Any] = {
            "widths": tuple(widths), "dense": dense, "z_size": z_size, "dropout": dropout, "features": features,
            "over_time": over_time, "towers": towers, "temperature": temperature, "familiar_range": familiar_range,
        }  # fmt: skip
        config = ExtractorConfig(**options, label_smoothing=label_smoothing)  # checks them
        front_end = from_dict(MfscConfig, mfsc, "mfsc") if isinstance(mfsc, dict) else mfsc or MfscConfig()
        super().__init__(bands=front_end.mel_bands, **options, **kwargs)
        self.config, self.mfsc, self.origin = config, front_end, origin
        self._voices: Voices | None = None
        self._reader: VoiceReader | None = None
        self._measured_at = -1
        networks.make_weights(self, front_end.window_frames)

    @property
    def reader(self) -> VoiceReader:
        """Hears whole recordings: `extractor.reader.embed(waveform)` gives z."""
        reader = self._reader
        if reader is None or reader.config != self.mfsc:
            reader = self.__dict__["_reader"] = VoiceReader(self, self.mfsc)  # not tracked: it refers back to this
        return reader

    def adapt(self, data: Split) -> None:
        """Takes the front end of a data set and the scale of the input from its windows. Call it before `fit`.

        The scale of z can be measured only by a trained network: `fit` does so at its end, and `save`.

        Args:
            data: what it will learn from, such as `data.train`.
        Raises:
            ConfigError: not a split, or its MFSC have another number of bands.
        """
        split = expect_split(data, "Extractor")
        mfsc = split.dataset.config.mfsc
        if (mfsc.mel_bands, mfsc.window_frames) != (self.mfsc.mel_bands, self.mfsc.window_frames):
            raise ConfigError(
                f"{split.dataset.folder}: windows of {mfsc.window_frames} frames and {mfsc.mel_bands} bands, the "
                f"extractor takes {self.mfsc.window_frames} and {self.mfsc.mel_bands}: make it with "
                "vfgan.Extractor(mfsc=data.config.mfsc)"
            )
        self.mfsc, self.origin, self._voices = mfsc, split.origin, split.voices
        measure_windows(self, split.windows(training=True, steps=MEASURED_STEPS))

    def measure(self) -> None:
        """Sets the scale of z, and which voices are familiar, by the voices that it was adapted to in this process.

        `fit` calls it at its end, `save` before it writes; without such voices it leaves the scale as it is.
        """
        if self._voices is not None:
            measure_z(self.reader, self._voices)
            self._measured_at = self._updates

    def compile(self, optimizer=None, loss=None, metrics=None, **options) -> None:
        """Keras' compile with the defaults of a training: AdamW, cross-entropy over the emotions that an example's
        corpus has, and the share of windows that are recognised.

        Args:
            optimizer: name or optimizer, also with a schedule.
            loss, metrics, options: as Keras takes them, such as run_eagerly.
        """
        super().compile(
            optimizer or keras.optimizers.AdamW(self.config.learning_rate, self.config.weight_decay),
            loss or MaskedCrossEntropy(self.config.label_smoothing),
            metrics=[recognised] if metrics is None else metrics,
            **options,
        )

    def compile_from_config(self, config: dict) -> None:
        """As it was compiled when it was saved."""
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.optimizer.build(self.trainable_variables)

    def fit(self, x=None, y=None, *, validation_data=None, callbacks=None, **options) -> keras.callbacks.History:
        """Keras' fit; at its end the scale of z is measured.

        Args:
            x: batches from `Split.windows`, or float32 [examples, 40, 40, 3].
            y: where x are arrays, float32 [examples, 8], 1 at the emotion.
            validation_data: as x, or (x, y).
            callbacks, options: as Keras takes them.
        Raises:
            ConfigError: it was not adapted, or windows have another shape.
        """
        self._check("fit", x, y)
        if validation_data is not None:
            self._check("fit: validation_data", validation_data)
        source = source_of(x)
        if source:
            self._learn_from(source.split)
        with python_errors():
            history = super().fit(x, y, validation_data=validation_data, **fit_options(x, callbacks, options))
        self.measure()
        return history

    def _learn_from(self, split: Split) -> None:
        """Notes people it was not adapted to; of one that was loaded, the voices by which z is measured."""
        if self._voices is None:
            self._voices = split.voices
        known, new = self.origin or {}, split.origin
        actors = {*known.get("train_actors", ()), *new["train_actors"]}
        if actors != set(known.get("train_actors", ())):
            self.origin = known | new | {"train_actors": sorted(actors)}

    def evaluate(self, x=None, y=None, **options):
        """Keras' evaluate; arguments and errors as of `fit`."""
        self._check("evaluate", x, y)
        with python_errors():
            return super().evaluate(x, y, **options)

    def predict(self, x, **options):
        """Logits of windows, float32 [examples, 8]; arguments and errors as of `fit`."""
        self._check("predict", x, labelled=False)
        with python_errors():
            return super().predict(x, **options)

    def save(self, filepath, overwrite=True, **options) -> None:
        """Keras' save, with the scale of z that the weights of now give."""
        if self._updates != self._measured_at:
            self.measure()
        super().save(filepath, overwrite=overwrite, **options)

    def get_config(self) -> dict:
        config = {name: value for name, value in super().get_config().items() if name != "bands"}
        mine = {"mfsc": to_dict(self.mfsc), "origin": self.origin, "label_smoothing": self.config.label_smoothing}
        return config | mine

    @classmethod
    def from_run(cls, run: str | Path) -> "Extractor":
        """The extractor of a finished run of `vfgan train extractor`.

        Raises:
            SchemaError: there is none.
        """
        trained = load_voice_reader(run)
        network = trained.reader.extractor
        settings = {name: value for name, value in network.settings.items() if name != "bands"}
        extractor = cls(**settings, mfsc=trained.reader.config, origin=trained.resolved["data"])
        extractor.set_weights(network.get_weights())
        return extractor

    @property
    def _updates(self) -> int:
        optimizer = getattr(self, "optimizer", None)
        return int(optimizer.iterations) if optimizer is not None else 0

    def _check(self, where: str, x: Any, y: Any = None, *, labelled: bool = True) -> None:
        if not self.standardise.measured:
            raise ConfigError(
                f"{where}: the extractor does not know the scale of its input: call adapt(data.train) first"
            )
        windows = ("windows", (None, self.mfsc.window_frames, self.mfsc.mel_bands, 3))
        labels = ("labels", (None, len(EMOTIONS)))
        check_parts(x, y, [windows, labels] if labelled else [windows], "Split.windows(batch_size) gives them")
