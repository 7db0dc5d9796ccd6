"""Mean and deviation over time."""

import numpy as np

from vfgan.layers.time_statistics import TimeStatistics

RANDOM = np.random.default_rng(12)


def test_the_last_map_is_its_mean_and_deviation_over_time():
    maps = RANDOM.normal(size=(2, 6, 4, 3)).astype(np.float32)
    told = np.asarray(TimeStatistics()(maps))
    np.testing.assert_allclose(told[..., :3], maps.mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(told[..., 3:], maps.std(axis=1), atol=1e-3)
    np.testing.assert_allclose(TimeStatistics()(maps[:, ::-1]), told, atol=1e-5)  # order does not matter
