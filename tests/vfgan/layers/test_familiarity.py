"""How far a voice is from all kinds of voices that were learnt from."""

import numpy as np
import pytest

from vfgan.layers.familiarity import Familiarity

RANDOM = np.random.default_rng(12)


def test_familiarity_is_distance_to_the_nearest_kind():
    layer = Familiarity(2)
    attributes = np.concatenate([RANDOM.normal(size=(400, 2)) * [1.0, 3.0] + place for place in ([0, 0], [20, 0])])
    kind = np.repeat(["a", "b"], 400)
    layer.measure(attributes, kind)
    away = np.asarray(layer(attributes.astype(np.float32)))
    assert np.median(away) == pytest.approx(1.0, abs=1e-3)
    centres = [attributes[kind == name].mean(axis=0) for name in "ab"]
    residual = np.concatenate([attributes[kind == name] - centre for name, centre in zip("ab", centres)])
    inverse = np.linalg.inv(np.cov(residual.T, bias=True))
    expected = [min((a - c) @ inverse @ (a - c) for c in centres) for a in attributes[:50]]
    np.testing.assert_allclose(away[:50] / away[0], np.array(expected) / expected[0], rtol=0.1)
    between = np.asarray(layer(np.array([[10.0, 0.0], [20.0, 0.0]], np.float32)))
    assert between[0] > 30 > 0.2 > between[1]


def test_familiarity_of_one_utterance_a_kind_is_finite():
    layer = Familiarity(2)
    layer.measure(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array(["a", "b"]))
    assert np.isfinite(np.asarray(layer(np.array([[0.0, 1.0], [50.0, 0.0]], np.float32)))).all()


def test_further_voices_become_familiar_and_known_ones_stay_so():
    layer = Familiarity(2, kinds=8)
    known = RANDOM.normal(size=(60, 2))
    layer.measure(known, np.array(["a"] * 60))
    before = np.asarray(layer(known.astype(np.float32)))
    new = RANDOM.normal(size=(20, 2)) + 30
    assert np.asarray(layer(new.astype(np.float32))).min() > 50
    layer.add(new, np.array(["b"] * 20))
    assert np.median(layer(new.astype(np.float32))) < 3
    np.testing.assert_allclose(layer(known.astype(np.float32)), before, rtol=1e-5)
