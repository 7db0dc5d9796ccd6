"""Checks of values: the message has the name, what was expected and what was received."""

import dataclasses
import types
from typing import Literal

import pytest

from vfgan.config.checks import in_address, require, require_choices, require_port, require_positive
from vfgan.config.gan import GanConfig
from vfgan.config.networks import ExtractorConfig, FaceClassifierConfig
from vfgan.errors import ConfigError


def test_require_names_field_expectation_and_value():
    require(True, "size", "more than 0", 1)
    with pytest.raises(ConfigError, match="^size: expected more than 0, got 'x'$"):
        require(False, "size", "more than 0", "x")


def test_the_first_value_that_is_not_positive_is_named():
    config = types.SimpleNamespace(a=1, b=0, c=-1)
    require_positive(config, "a")
    with pytest.raises(ConfigError, match="^b: expected more than 0, got 0$"):
        require_positive(config, "a", "b", "c")


@pytest.mark.parametrize("port", [-1, 65_536])
def test_ports_end_at_65535(port):
    require_port(types.SimpleNamespace(low=0, high=65_535), "low", "high")
    with pytest.raises(ConfigError, match=f"^port: expected 0 to 65535, got {port}$"):
        require_port(types.SimpleNamespace(port=port), "port")


def test_only_hosts_with_colons_stand_in_brackets():
    assert [in_address(host) for host in ("localhost", "10.0.0.1", "fe80::1")] == ["localhost", "10.0.0.1", "[fe80::1]"]


@dataclasses.dataclass(frozen=True)
class Chosen:
    head: Literal["plain", "motion"] = "plain"
    some: tuple[Literal["a", "b"], ...] = ()
    count: int = 3


def test_only_names_that_there_are_can_be_chosen():
    require_choices(Chosen("motion", ("b", "a")))
    with pytest.raises(ConfigError, match="^head: expected plain or motion, got 'Motion'$"):
        require_choices(Chosen("Motion"))
    with pytest.raises(ConfigError, match="^some: expected a or b, got 'c'$"):
        require_choices(Chosen(some=("a", "c")))


@pytest.mark.parametrize("option", ["head", "condition", "recipe", "source", "wrong_voices", "adversarial", "guard"])
def test_a_misspelt_choice_is_no_other_one(option):
    with pytest.raises(ConfigError, match=f"^{option}: expected .* or .*, got 'Film'$"):
        GanConfig.of(**{option: "Film"})


def test_a_misspelt_way_to_hear_or_see_is_none():
    with pytest.raises(ConfigError, match="^features: expected mfsc or mfcc or static, got 'mel'$"):
        ExtractorConfig(features="mel")
    with pytest.raises(ConfigError, match="^architecture: expected vgg or separable, got 'alexnet'$"):
        FaceClassifierConfig(architecture="alexnet")
