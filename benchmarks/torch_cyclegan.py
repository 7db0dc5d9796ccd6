"""The CycleGAN's networks, passes and losses in PyTorch, at its best settings, for `benchmarks.train_step`.

Channels last, fused Adam, cycle and adversarial passes as `vfgan.models.cyclegan` has them; padding as TensorFlow's
"same", so that the shapes of all convolutions are equal.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm


class Stage(nn.Module):
    """Convolution, instance normalisation, + W z, activation (`vfgan.layers.condition`)."""

    def __init__(self, channels, filters, kernel=3, stride=1, *, upsample=False, z_size=0, normalise=True,
                 spectral=False, activation=functional.relu):  # fmt: skip
        super().__init__()
        convolution = nn.Conv2d(channels, filters, kernel, stride, bias=not normalise)
        self.convolution = spectral_norm(convolution) if spectral else convolution
        self.norm = nn.InstanceNorm2d(filters, eps=1e-5, affine=True) if normalise else None
        self.shift = nn.Linear(z_size, filters) if z_size else None
        total = kernel - stride if stride > 1 else kernel - 1
        self.padding = [total // 2, total - total // 2] * 2
        self.upsample, self.activation = upsample, activation

    def forward(self, h, z):
        if self.upsample:
            h = functional.interpolate(h, scale_factor=2, mode="nearest")
        h = self.convolution(functional.pad(h, self.padding))
        if self.norm is not None:
            h = self.norm(h)
        if self.shift is not None:
            h = h + self.shift(z)[:, :, None, None]
        return self.activation(h)


class Generator(nn.Module):
    """`vfgan.models.generator` with the residual head."""

    def __init__(self, filters, blocks, z_size):
        super().__init__()
        self.stages = nn.ModuleList([
            Stage(1, filters, 7, z_size=z_size), Stage(filters, 2 * filters, 3, 2, z_size=z_size),
            Stage(2 * filters, 4 * filters, 3, 2, z_size=z_size),
        ])  # fmt: skip
        self.blocks = nn.ModuleList([
            nn.ModuleList([
                Stage(4 * filters, 4 * filters, z_size=z_size),
                Stage(4 * filters, 4 * filters, z_size=z_size, activation=lambda h: h),
            ]) for _ in range(blocks)
        ])  # fmt: skip
        self.up = nn.ModuleList([
            Stage(4 * filters, 2 * filters, upsample=True, z_size=z_size),
            Stage(2 * filters, filters, upsample=True, z_size=z_size),
        ])  # fmt: skip
        self.picture = nn.Conv2d(filters, 1, 7, padding=3)
        nn.init.zeros_(self.picture.weight)

    def forward(self, face, z):
        h = face
        for stage in self.stages:
            h = stage(h, z)
        for first, second in self.blocks:
            h = h + second(first(h, z), z)
        for stage in self.up:
            h = stage(h, z)
        return torch.clamp(face + 2 * torch.tanh(self.picture(h)), -1, 1)


class Discriminator(nn.Module):
    """`vfgan.models.discriminator`."""

    def __init__(self, filters, depth, z_size, spectral):
        super().__init__()
        widths = [1] + [filters * min(8, 2**index) for index in range(depth)]
        self.stages = nn.ModuleList([
            Stage(widths[index], widths[index + 1], 4, 2, z_size=z_size, normalise=index > 0, spectral=spectral,
                  activation=lambda h: functional.leaky_relu(h, 0.2))
            for index in range(depth)
        ])  # fmt: skip
        last = nn.Conv2d(widths[-1], 1, 4)
        self.patch = spectral_norm(last) if spectral else last

    def forward(self, h, z):
        for stage in self.stages:
            h = stage(h, z)
        return self.patch(functional.pad(h, [1, 2, 1, 2]))


class Trainer:
    """The step of `vfgan.models.cyclegan.CycleGan`: least squares, wrong voices with real faces, a pool.

    Args:
        config: `vfgan.config.GanConfig`.
        z_size: numbers of z.
    """

    def __init__(self, config, z_size):
        torch.manual_seed(0)
        self.config, self.pool_x, self.pool_y, self.rng = config, [], [], np.random.default_rng(0)
        sizes = (config.discriminator_filters, config.discriminator_layers)
        self.g, self.f = Generator(config.filters, config.blocks, z_size), Generator(config.filters, config.blocks, 0)
        self.d_x, self.d_y = (Discriminator(*sizes, size, config.spectral_norm) for size in (0, z_size))
        networks = (self.g, self.f, self.d_x, self.d_y)
        for network in networks:
            network.to(memory_format=torch.channels_last)
        self.parameters = [sum(p.numel() for p in network.parameters()) for network in networks]
        rates, betas = (config.generator_learning_rate, config.discriminator_learning_rate), (config.beta_1, 0.999)
        pairs = ((self.g, self.f), (self.d_x, self.d_y))
        self.optimizers = [
            torch.optim.Adam([p for network in pair for p in network.parameters()], rate, betas, fused=True)
            for pair, rate in zip(pairs, rates)
        ]

    def step(self, batch):
        """One update of the generators, one of the discriminators; returns the losses."""
        x, y, z, z_wrong = (batch[name] for name in ("x", "y", "z", "z_wrong"))
        self._listen(False)
        fake_y, fake_x = self.g(x, z), self.f(y, z)
        back_x, back_y = self.f(fake_y, z), self.g(fake_x, z)
        cycle = (back_x - x).abs().mean() + (back_y - y).abs().mean()
        loss = ((self.d_y(fake_y, z) - 1) ** 2).mean() + ((self.d_x(fake_x, z) - 1) ** 2).mean()
        loss = loss + self.config.lambda_cycle * cycle
        self._update(0, loss)
        self._listen(True)
        pooled_y, pooled_z = self._exchange(self.pool_y, fake_y.detach(), z)
        pooled_x, _ = self._exchange(self.pool_x, fake_x.detach(), z)
        faces, voices = torch.cat([y, pooled_y, y]), torch.cat([z, pooled_z, z_wrong])
        real, fake, wrong = self.d_y(faces, voices).chunk(3)
        real_x, fake_x = self.d_x(torch.cat([x, pooled_x]), None).chunk(2)
        d_loss = 0.5 * (_refused(real, fake) + _refused(real, wrong)) + _refused(real_x, fake_x)
        self._update(1, d_loss)
        return float(loss.detach()), float(d_loss.detach())

    def _listen(self, discriminators: bool) -> None:
        """Discriminators get gradients, and move their spectral norms, in their own update only."""
        for network in (self.d_x, self.d_y):
            network.train(discriminators).requires_grad_(discriminators)

    def _update(self, which, loss):
        self.optimizers[which].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[which].step()

    def _exchange(self, pool, faces, z):
        out = []
        for one in zip(faces, z):
            if len(pool) < self.config.pool_size:
                pool.append(one)
            elif self.rng.random() < 0.5:
                place = int(self.rng.integers(len(pool)))
                pool[place], one = one, pool[place]
            out.append(one)
        return tuple(torch.stack(column) for column in zip(*out))


def _refused(real, fake):
    return 0.5 * (((real - 1) ** 2).mean() + (fake**2).mean())


def torch_batch(batch: dict) -> dict:
    """Arrays [batch, height, width, channels] as channels-last tensors."""
    return {
        name: torch.from_numpy(value).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        if value.ndim == 4 else torch.from_numpy(value) for name, value in batch.items()
    }  # fmt: skip
