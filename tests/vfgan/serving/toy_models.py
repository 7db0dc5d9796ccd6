"""SavedModels whose answers are known without computing: half (two versions) and text."""

import sys
from pathlib import Path

import tensorflow as tf

FLOATS = tf.TensorSpec([None], tf.float32, name="x")


class Half(tf.Module):
    """y = x / 2 + plus."""

    def __init__(self, plus):
        super().__init__()
        self.plus = tf.Variable(float(plus))

    @tf.function(input_signature=[FLOATS])
    def default(self, x):
        return {"y": x / 2 + self.plus}

    @tf.function(input_signature=[FLOATS, tf.TensorSpec([None], tf.int32, name="scale")])
    def both(self, x, scale):
        return {"product": x * tf.cast(scale, tf.float32), "x": tf.identity(x)}

    @tf.function(input_signature=[FLOATS])
    def positive(self, x):
        with tf.control_dependencies([tf.debugging.assert_positive(x, "x: expected more than 0")]):
            return {"y": tf.identity(x)}

    @tf.function(input_signature=[])
    def constant(self):
        return {"value": tf.constant([7])}

    def signatures(self):
        return {
            "serving_default": self.default, "both": self.both, "positive": self.positive, "constant": self.constant,
        }  # fmt: skip


class Text(tf.Module):
    """The lengths of strings, and the strings."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def default(self, text):
        return {"same_bytes": tf.identity(text), "length": tf.strings.length(text)}

    def signatures(self):
        return {"serving_default": self.default}


def save(module, folder):
    """Writes a version."""
    tf.saved_model.save(module, str(folder), signatures=module.signatures())


MODELS_CONFIG = """
model_config_list {
  config {
    name: "half" base_path: "half" model_platform: "tensorflow"
    model_version_policy { specific { versions: 1 versions: 2 } }
    version_labels { key: "stable" value: 1 }
    version_labels { key: "canary" value: 2 }
  }
  config { name: "text" base_path: "text" model_platform: "tensorflow" }
}
"""


def save_all(folder):
    """half/1, half/2, text/1 and models.config."""
    save(Half(2), folder / "half" / "1")
    save(Half(3), folder / "half" / "2")
    save(Text(), folder / "text" / "1")
    (folder / "models.config").write_text(MODELS_CONFIG)
    # TF Serving wants whole paths: those in the container of deploy/compose.smoke.yaml
    (folder / "serving.config").write_text(MODELS_CONFIG.replace('base_path: "', 'base_path: "/models/'))
    return folder


if __name__ == "__main__":
    save_all(Path(sys.argv[1]))
