"""Parts that several backbones share: records, the ego table, and contrast tasks between two views."""
