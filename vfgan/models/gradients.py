"""Gradients whose sums have one order: the same training on the same machine."""

import keras
import tensorflow as tf


def gradients(tape: tf.GradientTape, loss, variables: list) -> list:
    """`tape.gradient(loss, variables)`; in a graph, terms of a tensor that is used several times are added in pairs.

    A tape adds them all with one AddN, which begins with the first input whose memory it may overwrite. In a graph that
    depends on what else has been computed by then, and a sum of three numbers depends on their order: of 73 processes
    6 had other last bits after the first step (`benchmarks/README.md`), and after some hundred steps other weights. Two
    numbers have one sum.
    Grappler would join the pairs again: `keep_pairs`. Under a strategy it is the tape's: `tf.gradients` does not find
    the variables of several workers.

    Args:
        tape: what has recorded `loss`.
        loss: scalar.
        variables: of Keras, or tensors.
    """
    if tf.executing_eagerly() or tf.distribute.has_strategy():
        return tape.gradient(loss, variables)
    sources = [variable.value if isinstance(variable, keras.Variable) else variable for variable in variables]
    return tf.gradients(loss, sources, aggregation_method=tf.AggregationMethod.EXPERIMENTAL_TREE)


def keep_pairs() -> None:
    """Turns off Grappler's arithmetic optimisation in this process."""
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})
