"""The variants that are compared."""

import dataclasses

from pipelines.gan.variants import TABLES
from vfgan.config.gan import GanConfig


def test_every_variant_is_a_configuration():
    for variants in TABLES.values():
        configs = [dataclasses.replace(GanConfig(), **changes) for changes in variants.values()]
        assert len({str(config) for config in configs}) == len(configs)
