"""Expected images/s of the CycleGAN's presets on common GPUs: an estimate from FLOPs and memory traffic, not measured.

    seconds an image = FLOPs / (0.3 x peak) + bytes / (0.7 x bandwidth)

FLOPs: of the convolutions; a step takes 4 passes of a generator with their gradients (3 times the cost), 2 of a
discriminator with the gradient of its input only (2 times), and 5 with all gradients (3 times); the emotion CNN's trunk
is in it as often as critic, verification and projection want it. Bytes: each activation is touched about 20 times in a
pass with its gradient (convolution, statistics, normalisation, activation).

python -m benchmarks.gpu_estimates
"""

from vfgan.config.gan import GanConfig
from vfgan.config.networks import FaceClassifierConfig
from vfgan.config.presets import PRESETS

#: name -> (peak TFLOP/s in float32, in float16 with tensor cores, GB/s), from the makers' data sheets.
GPUS = {
    "T4": (8.1, 65, 320),
    "V100": (15.7, 125, 900),
    "RTX 3090": (35.6, 71, 936),
    "A100": (19.5, 312, 1_555),
    "H100": (67, 989, 3_350),
}
_OF_PEAK, _OF_BANDWIDTH, _TOUCHES = 0.3, 0.7, 20


def generator_stages(config: GanConfig) -> list[tuple[int, int, int, int]]:
    """(kernel, channels in, channels out, size) of each convolution."""
    size, f = config.networks.size_px, config.networks.filters
    down = [(7, 1, f, size), (3, f, 2 * f, size // 2), (3, 2 * f, 4 * f, size // 4)]
    up = [(3, 4 * f, 2 * f, size // 2), (3, 2 * f, f, size), (7, f, 1, size)]
    return down + [(3, 4 * f, 4 * f, size // 4)] * (2 * config.networks.blocks) + up


def discriminator_stages(config: GanConfig) -> list[tuple[int, int, int, int]]:
    """The same of a discriminator."""
    size, channels, stages = config.networks.size_px, 1, []
    for index in range(config.networks.discriminator_layers):
        size, filters = size // 2, config.networks.discriminator_filters * min(8, 2**index)
        stages.append((4, channels, filters, size))
        channels = filters
    return [*stages, (4, channels, 1, size)]


def emotion_stages(config: GanConfig) -> list[tuple[int, int, int, int]]:
    """The same of the emotion CNN's trunk."""
    size, width, stages = config.networks.size_px // 2, FaceClassifierConfig().width, []
    stages.append((5, 1, width, size))
    channels = width
    for filters in (width, 2 * width, 4 * width):
        stages += [(3, channels, filters, size), (3, filters, filters, size)]
        channels, size = filters, size // 2
    return stages


def emotion_passes(config: GanConfig) -> tuple[int, int]:
    """Passes of the emotion CNN in a step, and what they cost in passes forwards."""
    passes = cost = 0
    if config.losses.verification_ratio:
        more = {"critic": (3, 2 + 2 * 3), "emotion": (1, 2), "face": (2, 2 + 1)}[config.losses.verification_target]
        passes, cost = passes + more[0], cost + more[1]
    if config.networks.projection:
        passes, cost = passes + 4, cost + 2 + 3 * 3
    return passes, cost


def image_flops(config: GanConfig) -> float:
    """Of a training step, for each image of the batch."""
    g, d, phi = (
        sum(2 * kernel**2 * before * after * size**2 for kernel, before, after, size in stages)
        for stages in (generator_stages(config), discriminator_stages(config), emotion_stages(config))
    )
    return 4 * 3 * g + (2 * 2 + 5 * 3) * d + emotion_passes(config)[1] * phi


def image_bytes(config: GanConfig, bytes_each: int) -> float:
    """Memory traffic of a training step, for each image of the batch."""
    g, d, phi = (
        sum(after * size**2 for _, _, after, size in stages)
        for stages in (generator_stages(config), discriminator_stages(config), emotion_stages(config))
    )
    return bytes_each * _TOUCHES * (4 * g + 7 * d + emotion_passes(config)[0] * phi)


def images_per_second(config: GanConfig, gpu: str) -> float:
    """The estimate."""
    single, half, bandwidth = GPUS[gpu]
    short = config.optimisation.precision != "float32"
    compute = image_flops(config) / (_OF_PEAK * 1e12 * (half if short else single))
    return 1.0 / (compute + image_bytes(config, 2 if short else 4) / (_OF_BANDWIDTH * 1e9 * bandwidth))


def main() -> None:
    """Prints the table as Markdown."""
    print("| preset | GFLOP an image | " + " | ".join(GPUS) + " |")
    print("|---" * (2 + len(GPUS)) + "|")
    for name, config in PRESETS.items():
        if config.networks.head == "motion":  # other networks
            continue
        cells = [f"{images_per_second(config, gpu):,.0f}" for gpu in GPUS]
        first = f"{name} ({config.optimisation.precision})"
        print(f"| {first} | {image_flops(config) / 1e9:,.1f} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
