"""The pool of earlier fakes."""

import numpy as np
import pytest
import tensorflow as tf

from vfgan.models.image_pool import ImagePool

SHAPE = (2, 2, 1)


def numbered(first, count):
    """Faces and conditions that carry their number, from 1."""
    number = np.arange(first, first + count, dtype=np.float32)
    faces = np.broadcast_to(number[:, None, None, None], (count, *SHAPE))
    return tf.constant(faces), tf.constant(np.stack([number, -number], axis=1))


def pool_of(size, seed=0):
    return ImagePool(size, SHAPE, 2, seed)


def run(pool, steps, count=4, first=1):
    """Numbers that came out, int [steps, count], after checking that each came with its own condition."""
    out = []
    for step in range(steps):
        faces, z = pool.exchange(*numbered(first + step * count, count))
        number = faces.numpy()[:, 0, 0, 0]
        np.testing.assert_array_equal(faces.numpy(), np.broadcast_to(number[:, None, None, None], (count, *SHAPE)))
        np.testing.assert_array_equal(z.numpy(), np.stack([number, -number], axis=1))
        out.append(number.astype(int))
    return np.array(out)


def test_without_room_everything_passes_through():
    np.testing.assert_array_equal(run(pool_of(0), 5), np.arange(1, 21).reshape(5, 4))


def test_fills_first():
    pool = pool_of(12)
    np.testing.assert_array_equal(run(pool, 3), np.arange(1, 13).reshape(3, 4))
    np.testing.assert_array_equal(pool.faces[:, 0, 0, 0], np.arange(1, 13))


def test_then_half_is_exchanged():
    out = run(pool_of(20), 305)[5:]
    given = np.arange(21, 21 + 1_200).reshape(300, 4)
    exchanged = out != given
    # 1,200 draws of 1/2: a deviation of 17
    assert 540 < exchanged.sum() < 660
    assert (out[exchanged] < given[exchanged]).all()
    assert (out[exchanged] >= 1).all()


@pytest.mark.parametrize(("size", "count"), [(5, 2), (5, 4), (3, 8), (50, 8), (1, 1)])
def test_what_comes_out_once_went_in(size, count):
    """Also where the pool's size is no multiple of the batch, or smaller than it: never an empty slot."""
    for seed in range(8):
        out = run(pool_of(size, seed), 12, count)
        given = np.arange(1, 1 + 12 * count).reshape(12, count)
        same = out == given
        earlier = (out >= 1) & (out <= given[:, :1] - 1)  # of an earlier step
        assert (same | earlier).all()
        assert same[0].all()


@pytest.mark.parametrize(("size", "count"), [(5, 4), (3, 8), (8, 8)])
def test_no_kept_one_comes_out_twice_in_a_step(size, count):
    """Two fakes of a batch in one place would be a race on a GPU, and one of them lost."""
    for seed in range(8):
        for out in run(pool_of(size, seed), 12, count):
            assert len(set(out)) == count


def test_an_exchanged_one_is_kept():
    pool = pool_of(8)
    run(pool, 2)
    before = set(pool.faces.numpy()[:, 0, 0, 0])
    out = run(pool, 1, first=101)[0]
    after = set(pool.faces.numpy()[:, 0, 0, 0])
    exchanged = [101 + place for place in range(4) if out[place] != 101 + place]
    assert exchanged  # seed 0
    assert after - before <= set(exchanged)
    assert after - before


def test_draws_follow_from_seed_and_variables():
    one, same, other = run(pool_of(6, 3), 40), run(pool_of(6, 3), 40), run(pool_of(6, 4), 40)
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_a_restored_pool_draws_the_same(tmp_path):
    whole = run(pool_of(6), 30)
    pool = pool_of(6)
    run(pool, 13)
    saved = tf.train.Checkpoint(pool=pool).write(str(tmp_path / "pool"))
    fresh = pool_of(6)
    tf.train.Checkpoint(pool=fresh).read(saved).assert_consumed()
    np.testing.assert_array_equal(run(fresh, 17, first=1 + 13 * 4), whole[13:])


def test_the_same_in_a_graph():
    eager, graph = pool_of(6), pool_of(6)
    exchange = tf.function(graph.exchange)
    for step in range(20):
        batch = numbered(1 + 4 * step, 4)
        np.testing.assert_array_equal(exchange(*batch)[0], eager.exchange(*batch)[0])
