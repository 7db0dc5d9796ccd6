"""Channels -> one, so that a voice in any of them is heard, also one in antiphase."""

import numpy as np

#: Power below the loudest channel's at which a channel counts as silent, so that it does not make the others quieter.
_SILENT = 1e-5
#: Correlation with the loudest channel from which a channel is taken as turned over.
_ANTIPHASE = -0.5


class MonoMix:
    """The mean of the channels that sound, block by block; one that mirrors the loudest is turned over first.

    What sounds is decided by all blocks so far, so that the longest recording takes no memory.
    """

    def __init__(self) -> None:
        self._products: np.ndarray | None = None  # [channels, channels], summed over all samples so far

    def __call__(self, block: np.ndarray) -> np.ndarray:
        """One block: float [channels, samples] -> float [samples]."""
        if len(block) == 1:
            return block[0]
        products = np.asarray(block, np.float64) @ block.T
        if not np.isfinite(products).all():
            return block.mean(axis=0)  # who reads it says where the value is
        self._products = products if self._products is None else self._products + products
        power = self._products.diagonal()
        row = self._products[power.argmax()]
        signs = np.where(row < _ANTIPHASE * np.sqrt(power.max() * power), -1.0, 1.0)
        weights = np.where(power >= _SILENT * power.max(), signs, 0.0)
        return (weights / np.abs(weights).sum()).astype(block.dtype) @ block
