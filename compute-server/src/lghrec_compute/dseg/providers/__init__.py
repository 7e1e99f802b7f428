"""Where an item's reasoning text comes from; one provider a file."""

from lghrec_compute.dseg.providers.base import PROVIDERS, TextProvider

__all__ = ["PROVIDERS", "TextProvider"]
