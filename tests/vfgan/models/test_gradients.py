"""Gradients are those of the tape, and no sum of a training step has more than two terms."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from tests.vfgan.models.small_gan import make_batch, make_gan
from vfgan.models.gradients import gradients, keep_pairs


def test_they_are_those_of_the_tape():
    x, w = tf.Variable([0.3, -1.2]), tf.Variable([[0.5, 2.0], [1.0, -0.7]])
    unused = tf.Variable(1.0)

    def loss():
        h = tf.tanh(tf.linalg.matvec(w, x)) + x
        return tf.reduce_sum(h * h + tf.exp(h) - x * h)

    def found():
        with tf.GradientTape() as tape:
            value = loss()
        return [() if one is None else one for one in gradients(tape, value, [x, w, unused])]

    expected, made = found(), tf.function(found)()  # operations one by one: the tape itself
    assert expected.pop() == made.pop() == ()
    for one, two in zip(made, expected):
        np.testing.assert_allclose(one, two, rtol=1e-6)


@pytest.mark.slow
def test_no_sum_of_a_step_depends_on_an_order():
    """In the graph that is run: what Grappler would join is still in pairs."""
    before = tf.config.optimizer.get_experimental_options()
    gan = make_gan(r1_penalty=1.0, equal_contrast=True, verification_target="critic", verification_change=0.5)
    batch = make_batch() | {"label": tf.one_hot([1, 3], 7)}
    keep_pairs()
    context.enable_graph_collection()
    try:
        tf.function(gan.train_step)(batch)
        graphs = context.export_run_metadata().partition_graphs
    finally:
        context.disable_graph_collection()
        tf.config.optimizer.set_experimental_options({"arithmetic_optimization": True} | before)
    step = max(graphs, key=lambda graph: len(graph.node))
    counts = [sum(not name.startswith("^") for name in node.input) for node in step.node if node.op == "AddN"]
    assert len(counts) > 50
    assert max(counts) == 2
