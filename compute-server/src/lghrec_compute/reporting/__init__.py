"""Reports: figures and a page about the stored results of runs.

`stored` reads artifacts, `figures` has one figure per file, and `page` composes the page. This package trains
nothing and does not import torch.
"""
