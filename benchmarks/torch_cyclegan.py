"""The CycleGAN's networks, passes and losses in PyTorch, at its best settings, for `benchmarks.train_step`.

Channels last, fused Adam; adversarial, cycle and verification passes, projection, critic and oval as
`vfgan.models.cyclegan` has them; padding as TensorFlow's "same", so that the shapes of all convolutions are equal.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from vfgan.face.pixels import fade_mask


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

    def __init__(self, filters, blocks, z_size, oval):
        super().__init__()
        self.oval = oval
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
        return torch.clamp(face + 2 * self.oval * torch.tanh(self.picture(h)), -1, 1)


class Trunk(nn.Module):
    """`vfgan.models.face_classifier.emotion_features` of the "vgg" architecture; running means stay."""

    def __init__(self, width, features):
        super().__init__()
        layers, channels = [nn.ZeroPad2d((1, 2, 1, 2)), nn.Conv2d(1, width, 5, 2, bias=False)], width
        layers += [nn.BatchNorm2d(width, eps=1e-3), nn.ReLU()]
        for filters in (width, 2 * width, 4 * width):
            for _ in range(2):
                layers += [nn.Conv2d(channels, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters, eps=1e-3)]
                layers, channels = [*layers, nn.ReLU()], filters
            layers.append(nn.MaxPool2d(2))
        self.trunk, self.penultimate = nn.Sequential(*layers), nn.Linear(4 * width, features)

    def train(self, mode=True):
        return super().train(False)

    def forward(self, face):
        mean, deviation = face.mean((1, 2, 3), keepdim=True), face.std((1, 2, 3), keepdim=True, correction=0)
        return functional.relu(self.penultimate(self.trunk((face - mean) / (deviation + 0.05)).mean((2, 3))))


class Critic(nn.Module):
    """`vfgan.models.emotion_critic`."""

    def __init__(self, width, features):
        super().__init__()
        self.trunk, self.head, self.generated = Trunk(width, features), nn.Linear(features, 7), nn.Linear(features, 1)

    def forward(self, face):
        features = self.trunk(face)
        return torch.cat([self.head(features), self.generated(features)], 1)


class Discriminator(nn.Module):
    """`vfgan.models.discriminator`; with a width of the emotion CNN one that projects."""

    def __init__(self, filters, depth, z_size, spectral, width=0, features=0):
        super().__init__()
        if width:
            self.phi, self.norm = Trunk(width, features), nn.LayerNorm(features, eps=1e-3)
            self.real, self.fitting = nn.Linear(features, 1), nn.Linear(z_size, features, bias=False)
        self.projects = bool(width)
        widths = [1] + [filters * min(8, 2**index) for index in range(depth)]
        self.stages = nn.ModuleList([
            Stage(widths[index], widths[index + 1], 4, 2, z_size=z_size, normalise=index > 0, spectral=spectral,
                  activation=lambda h: functional.leaky_relu(h, 0.2))
            for index in range(depth)
        ])  # fmt: skip
        last = nn.Conv2d(widths[-1], 1, 4)
        self.patch = spectral_norm(last) if spectral else last

    def forward(self, face, z):
        h = face
        for stage in self.stages:
            h = stage(h, z)
        scores = self.patch(functional.pad(h, [1, 2, 1, 2]))
        if not self.projects:
            return scores
        features = self.norm(self.phi(face))
        fit = (features * self.fitting(z)).sum(1, keepdim=True) / features.shape[1] ** 0.5
        return scores + (self.real(features) + fit)[:, :, None, None]


class Trainer:
    """The step of `vfgan.models.cyclegan.CycleGan`: hinge, wrong voices with real faces, critic, a pool.

    Args:
        config: `vfgan.config.gan.GanConfig`.
        emotions: `vfgan.config.networks.FaceClassifierConfig`.
        z_size: numbers of z.
        compiled: networks by torch.compile.
    """

    def __init__(self, config, emotions, z_size, compiled=False):
        torch.manual_seed(0)
        self.config, self.pool_x, self.pool_y, self.rng = config, [], [], np.random.default_rng(0)
        self.oval = torch.from_numpy(fade_mask(config.networks.size_px))[None, None]
        sizes = (config.networks.discriminator_filters, config.networks.discriminator_layers)
        self.g = Generator(config.networks.filters, config.networks.blocks, z_size, self.oval)
        self.f = Generator(config.networks.filters, config.networks.blocks, 0, self.oval)
        self.d_x = Discriminator(*sizes, 0, config.stability.spectral_norm)
        self.d_y = Discriminator(*sizes, z_size, config.stability.spectral_norm, emotions.width, emotions.features)
        self.critic = Critic(emotions.width, emotions.features)
        networks = (self.g, self.f, self.d_x, self.d_y, self.critic)
        for network in networks:
            network.to(memory_format=torch.channels_last)
        self.parameters = [sum(p.numel() for p in network.parameters()) for network in networks]
        chosen = config.optimisation
        rates = chosen.generator_learning_rate, chosen.discriminator_learning_rate
        betas = chosen.beta_1, 0.999
        self.optimizers = [
            torch.optim.Adam([p for network in some for p in network.parameters()], rate, betas, fused=True)
            for some, rate in zip((networks[:2], networks[2:]), rates)
        ]
        if compiled:
            for network in networks:
                network.compile()

    def step(self, batch):
        """One update of the generators, one of the discriminators and the critic; returns the losses."""
        x, y, z, z_wrong, label = (batch[name] for name in ("x", "y", "z", "z_wrong", "label"))
        self._listen(False)
        fake_y, fake_x = self.g(x, z), self.f(y, z)
        back_x, back_y = self.f(fake_y, z), self.g(fake_x, z)
        cycle = (back_x - x).abs().mean() + (back_y - y).abs().mean()
        loss = -self.d_y(fake_y * self.oval, z).mean() - self.d_x(fake_x * self.oval, z).mean()
        seen = self.critic(changed(fake_y, self.config.losses.verification_change))
        loss = loss + self.config.losses.verification_ratio * cross_entropy(seen, label)
        loss = loss + self.config.losses.lambda_cycle * cycle
        self._update(0, loss)
        self._listen(True)
        pooled_y, pooled_z = self._exchange(self.pool_y, fake_y.detach(), z)
        pooled_x, _ = self._exchange(self.pool_x, fake_x.detach(), z)
        faces, voices = torch.cat([y, pooled_y, y]) * self.oval, torch.cat([z, pooled_z, z_wrong])
        real, fake, wrong = self.d_y(faces, voices).chunk(3)
        real_x, fake_x = self.d_x(torch.cat([x, pooled_x]) * self.oval, None).chunk(2)
        d_loss = 0.5 * (_refused(real, fake) + _refused(real, wrong)) + _refused(real_x, fake_x)
        seen = changed(torch.cat([y, pooled_y]), self.config.losses.verification_change)
        of_real, of_fake = self.critic(seen).chunk(2)
        d_loss = d_loss + cross_entropy(of_real, label) - functional.log_softmax(of_fake, 1)[:, -1].mean()
        self._update(1, d_loss)
        return float(loss.detach()), float(d_loss.detach())

    def _listen(self, discriminators: bool) -> None:
        """Discriminators get gradients, and move their spectral norms, in their own update only."""
        for network in (self.d_x, self.d_y, self.critic):
            network.train(discriminators).requires_grad_(discriminators)

    def _update(self, which, loss):
        self.optimizers[which].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[which].step()

    def _exchange(self, pool, faces, z):
        out = []
        for one in zip(faces, z):
            if len(pool) < self.config.stability.pool_size:
                pool.append(one)
            elif self.rng.random() < 0.5:
                place = int(self.rng.integers(len(pool)))
                pool[place], one = one, pool[place]
            out.append(one)
        return tuple(torch.stack(column) for column in zip(*out))


def _refused(real, fake):
    return 0.5 * (functional.relu(1 - real).mean() + functional.relu(1 + fake).mean())


def cross_entropy(logits, label, smoothing=0.1):
    """`vfgan.models.losses.emotion_cross_entropy`."""
    smooth = functional.pad((1 - smoothing) * label + smoothing / label.shape[1], (0, logits.shape[1] - label.shape[1]))
    return -(smooth * functional.log_softmax(logits, 1)).sum(1).mean()


def changed(face, strength):
    """`vfgan.models.augment.augment_faces`: mirror, turn, scale, shift, contrast, light, blur."""
    count, between = len(face), lambda low, high, *shape: strength * (low + (high - low) * torch.rand(*shape))
    mirror, turn = 1 - 2.0 * (torch.rand(count) < 0.5), between(-0.21, 0.21, count)
    scale, shift = torch.exp(between(-0.12, 0.12, count)), between(-0.16, 0.16, count, 2)
    cos, sin = torch.cos(turn) / scale, torch.sin(turn) / scale
    rows = [torch.stack([cos * mirror, -sin, shift[:, 0]], 1), torch.stack([sin * mirror, cos, shift[:, 1]], 1)]
    grid = functional.affine_grid(torch.stack(rows, 1), list(face.shape), align_corners=False)
    face = functional.grid_sample(face, grid, padding_mode="border", align_corners=False)
    light = between(-0.3, 0.3, 2, count, 1, 1, 1)
    face = face * torch.exp(light[0]) + light[1]
    blurred = functional.interpolate(functional.avg_pool2d(face, 2), scale_factor=2, mode="bilinear")
    return face + between(0, 1, count, 1, 1, 1) * (blurred - face)


def torch_batch(batch: dict) -> dict:
    """Arrays [batch, height, width, channels] as channels-last tensors."""
    return {
        name: torch.from_numpy(value).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        if value.ndim == 4 else torch.from_numpy(value) for name, value in batch.items()
    }  # fmt: skip
