"""The state of a training in memory, to go back to."""

import numpy as np

from vfgan.models.cyclegan import CycleGan


class Snapshot:
    """Copies of all weights, of the optimizers and of what else goes on with a CycleGAN.

    Args:
        model: compiled.
        step: finished steps.
    """

    def __init__(self, model: CycleGan, step: int):
        self.step = step
        optimizers = [value for name, value in sorted(vars(model).items()) if name.endswith("_optimizer")]
        slots = [variable for optimizer in optimizers for variable in optimizer.variables]
        self._variables = [*model.variables, *model.own_variables, *slots]
        self._values = [np.array(variable) for variable in self._variables]  # numpy() may be a view

    def restore(self) -> None:
        """Gives everything the values of then."""
        for variable, value in zip(self._variables, self._values):
            variable.assign(value)
