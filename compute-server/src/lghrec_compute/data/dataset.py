"""A prepared data set: interactions of three parts, between users and items numbered from 0.

Shapes: U users, I items, E interactions of a part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lghrec_compute.data.side_information import SideInformation
from lghrec_compute.json_types import Json
from lghrec_compute.types import Doubles, Ints

PARTS = ("train", "valid", "test")
"""Names of the parts, in the order of their codes 0, 1, 2."""


@dataclass(frozen=True)
class Part:
    """Interactions of one part, sorted by user, then item: `user_E[e]` has interacted with `item_E[e]`.

    `time_E` is the time in seconds since 1970, NaN if it is unknown. None means that the source has no times.
    """

    user_E: Ints
    item_E: Ints
    time_E: Doubles | None = None

    def __len__(self) -> int:
        return len(self.user_E)


@dataclass(frozen=True)
class Dataset:
    """Users and items are numbered in the order of the UTF-8 bytes of their external ids.

    `user_ids` [U] and `item_ids` [I] are the external ids. `item_texts` has [I] texts per text field, "" for
    an item without text. `meta` is that of the artifact. `side_information` is stored with the data set, but
    `load_dataset` does not read it; `store.load_side_information` does.
    """

    train: Part
    valid: Part
    test: Part
    user_ids: Sequence[str]
    item_ids: Sequence[str]
    item_texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    meta: Json = field(default_factory=dict)
    side_information: SideInformation = field(default_factory=SideInformation)

    @property
    def num_users(self) -> int:
        """Number of users, U."""
        return len(self.user_ids)

    @property
    def num_items(self) -> int:
        """Number of items, I."""
        return len(self.item_ids)

    @property
    def num_interactions(self) -> int:
        """Number of interactions in all three parts."""
        return sum(len(part) for part in self.parts)

    @property
    def parts(self) -> tuple[Part, Part, Part]:
        """Train, valid and test."""
        return self.train, self.valid, self.test
