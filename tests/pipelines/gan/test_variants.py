"""The variants that are compared."""

from pipelines.gan.variants import TABLES
from vfgan.config.gan import GanConfig


def test_every_variant_is_a_configuration():
    for variants in TABLES.values():
        configs = [GanConfig.of(**changes) for changes in variants.values()]
        assert len({str(config) for config in configs}) == len(configs)
