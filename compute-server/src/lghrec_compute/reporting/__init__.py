"""Reports: figures and a page about the stored results of runs.

`stored` reads artifacts, `figures` contains one figure per file, and `page` composes the page. This package
only reads results, and does not import torch.
"""
