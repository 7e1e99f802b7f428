"""One file a format; each yields `RawData`."""
