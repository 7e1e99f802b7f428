"""A configuration error names every wrong field."""

from __future__ import annotations

from lghrec_compute.errors import ConfigError, Violation


def test_the_message_joins_all_violations() -> None:
    error = ConfigError.of(Violation(name, "got 0, expected 1") for name in ("epochs", "backbone.layers"))
    assert str(error) == "epochs: got 0, expected 1; backbone.layers: got 0, expected 1"
    assert [violation.path for violation in error.violations] == ["epochs", "backbone.layers"]
    assert error.hint == "correct the fields named"


def test_one_wrong_field_is_one_violation() -> None:
    error = ConfigError.at("mode", "unknown", hint="use now")
    assert (str(error), error.hint) == ("mode: unknown", "use now")
    assert error.violations == (Violation("mode", "unknown"),)
