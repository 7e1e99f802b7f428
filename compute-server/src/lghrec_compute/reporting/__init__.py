"""Figures and a page of what runs have stored. Reads artifacts and draws; trains nothing and knows no torch.

`stored` reads, `figures` has one figure a file, `page` puts them together.
"""
