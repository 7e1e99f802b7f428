"""A generated data set of any size: a power-law graph, and item texts whose categories influence the clicks.

Each item has one category, each user has two favourite categories, and 4 of 5 clicks are in a favourite one.
Among the items of a click's category, the probability of an item decreases as a power of its popularity rank,
plus a constant that keeps rare items in use. The text of an item uses only the words of its category, so it
predicts who clicks. The data set has a given split (8:1:1 at random); clicks on cold items are all in test.
Times are uniform over five years. All random numbers are from PCG64's raw stream, whose bits numpy promises
never to change. No loop runs over users or items.

Shapes: U users, I items, E interactions, C categories.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.sizes import Sizes
from lghrec_compute.data.source_files import SourceFiles
from lghrec_compute.data.vocabulary import category_words
from lghrec_compute.types import Doubles, Int32s, Ints

FAVOURITE_SHARE = 0.8
_FLOOR = 0.3  # share of the popularity that is equal for all items
_ITEM_POWER, _USER_POWER, _RANK_SHIFT = 0.9, 0.9, 20
_LEAST_CLICKS = 5
_START, _SPAN = 1_500_000_000, 5 * 365 * 86_400
_ROUNDS_BY_CATEGORY = 8  # rounds that replace pairs drawn twice; later rounds are uniform and always finish


def generate(files: SourceFiles, context: ReadContext) -> RawData:
    """Return the data set of `files.generator`. The same sizes and seed give the same rows in the same
    order."""
    sizes = files.generator
    assert sizes is not None, "a source of format generator has sizes"
    random = _Random(sizes.seed)
    category_I = (random.uniform(sizes.items) * sizes.categories).astype(np.int32)
    user_E, item_E = _clicks(sizes, category_I, random, lambda done: context.tick(done, sizes.interactions))
    part_E = np.digitize(random.uniform(len(user_E)), (0.8, 0.9)).astype(np.uint8)
    num_cold = round(sizes.items * sizes.cold_items)
    cold_I = np.zeros(sizes.items, np.bool_)
    cold_I[random.order(sizes.items)[:num_cold]] = True
    part_E[cold_I[item_E]] = 2
    interactions = pl.DataFrame(
        {
            "user": _names("u", sizes.users).gather(user_E),
            "item": _names("i", sizes.items).gather(item_E),
            "timestamp": np.floor(_START + random.uniform(len(user_E)) * _SPAN),
            "part": part_E,
        }
    )
    items = _texts(category_I, sizes.categories, random)
    return RawData(interactions, items, ("title", "description", "category"), len(interactions))


class _Random:
    """Random numbers from PCG64's raw stream."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def uniform(self, size: int) -> Doubles:
        """Return numbers in [0, 1) with 53 bits each."""
        return (self._bits.random_raw(size) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def order(self, size: int) -> Ints:
        """Return a permutation of 0, 1, ..., size - 1."""
        return np.argsort(self._bits.random_raw(size), kind="stable")


def _clicks(
    sizes: Sizes, category_I: Int32s, random: _Random, tick: Callable[[int], None]
) -> tuple[Int32s, Int32s]:
    """Return distinct sorted pairs, exactly as many as the sizes specify."""
    activity_U = _activity(sizes, random)
    favourite_U2 = (random.uniform(2 * sizes.users) * sizes.categories).astype(np.int32).reshape(-1, 2)
    distribution = _ItemDistribution(category_I, sizes.categories, random)
    wanted_E = np.repeat(np.arange(sizes.users, dtype=np.int32), activity_U)
    pair_E = np.zeros(0, np.int64)
    round_ = 0
    while len(wanted_E):
        tick(len(pair_E))
        if round_ < _ROUNDS_BY_CATEGORY:
            item_E = distribution.draw(favourite_U2, wanted_E, random)
        else:
            item_E = (random.uniform(len(wanted_E)) * sizes.items).astype(np.int32)
        new_E = np.sort(wanted_E.astype(np.int64) * sizes.items + item_E)
        new_E = new_E[np.diff(new_E, prepend=-1) != 0]
        pair_E = _merged(pair_E, new_E) if round_ else new_E
        missing_U = activity_U - np.bincount(pair_E // sizes.items, minlength=sizes.users)
        wanted_E = np.repeat(np.arange(sizes.users, dtype=np.int32), missing_U)
        round_ += 1
    user_E, item_E = np.divmod(pair_E, sizes.items)
    return user_E.astype(np.int32), item_E.astype(np.int32)


def _merged(pair_E: Ints, new_E: Ints) -> Ints:
    """Return the sorted union of two sorted lists."""
    index_E = np.searchsorted(pair_E, new_E)
    known_E = pair_E[np.minimum(index_E, len(pair_E) - 1)] == new_E
    return np.insert(pair_E, index_E[~known_E], new_E[~known_E])


class _ItemDistribution:
    """The distribution of clicks over the items, sorted by category and within a category by popularity."""

    def __init__(self, category_I: Int32s, num_categories: int, random: _Random) -> None:
        num_items = len(category_I)
        rank_I = np.empty(num_items)
        rank_I[random.order(num_items)] = np.arange(num_items)
        weight_I = (rank_I + _RANK_SHIFT) ** -_ITEM_POWER
        weight_I = (1 - _FLOOR) * weight_I / weight_I.sum() + _FLOOR / num_items
        self._item_I = np.argsort(category_I, kind="stable").astype(np.int32)
        self._upto_I = np.cumsum(weight_I[self._item_I])
        ends = np.cumsum(np.bincount(category_I, minlength=num_categories))
        edges = np.concatenate([[0.0], self._upto_I])[np.concatenate([[0], ends])]
        self._start_C, self._size_C = edges[:-1], np.diff(edges)

    def draw(self, favourite_U2: Int32s, user_E: Int32s, random: _Random) -> Int32s:
        """Return one item per user [E]."""
        choice_E = random.uniform(len(user_E))
        second_E = (choice_E < FAVOURITE_SHARE / 2).astype(np.int8)
        category_E = favourite_U2[user_E, second_E]
        anywhere_E = (choice_E >= FAVOURITE_SHARE) | (self._size_C[category_E] == 0)
        share_E = random.uniform(len(user_E))
        share_E = np.where(
            anywhere_E,
            share_E * self._upto_I[-1],
            self._start_C[category_E] + share_E * self._size_C[category_E],
        )
        found_E = np.searchsorted(self._upto_I, share_E, side="right")
        return self._item_I[np.minimum(found_E, len(self._item_I) - 1)]


def _activity(sizes: Sizes, random: _Random) -> Ints:
    """Return the number of clicks of each user [U]: a constant plus a power of the rank, at most half of all
    items."""
    least = min(_LEAST_CLICKS, sizes.interactions // sizes.users)
    most = max(sizes.items // 2, least + 1)
    weight_U = (random.order(sizes.users) + float(_RANK_SHIFT)) ** -_USER_POWER
    activity_U = np.full(sizes.users, least)
    while rest := sizes.interactions - int(activity_U.sum()):
        weight_U[activity_U >= most] = 0
        more_U = np.floor(weight_U / weight_U.sum() * rest).astype(np.int64)
        if not more_U.any():
            more_U[np.argsort(-weight_U, kind="stable")[:rest]] = 1
        activity_U = np.minimum(activity_U + more_U, most)
    return activity_U


def _texts(category_I: Int32s, num_categories: int, random: _Random) -> pl.DataFrame:
    """Return a title and two sentences with words of each item's category [I]."""
    words = [category_words(category) for category in range(num_categories)]
    nouns = np.array([nouns for _, _, nouns in words])
    picks: list[npt.NDArray[np.str_]] = []
    first_I = random.uniform(len(category_I))
    for step in range(4):  # steps of 3 among the eight nouns give four different ones
        index_I = (first_I * nouns.shape[1]).astype(np.int64)
        picks.append(nouns[category_I, (index_I + step * 3) % nouns.shape[1]])
    frame = pl.DataFrame({"item": _names("i", len(category_I)), "category": category_I}).with_columns(
        pl.Series("style", [style for style, _, _ in words]).gather(category_I),
        pl.Series("topic", [topic for _, topic, _ in words]).gather(category_I),
        *(pl.Series(f"noun{step}", pick) for step, pick in enumerate(picks)),
    )
    return frame.select(
        "item",
        pl.format("The {} {} and the {}", "style", "noun0", "noun1").alias("text_title"),
        pl.format(
            "This {} work is about {}, above all the {}. It suits whoever looks for {} and {}.",
            *("style", "topic", "noun2", "noun3", "noun0"),
        ).alias("text_description"),
        pl.format("{} {}", "style", "topic").alias("text_category"),
    )


def _names(letter: str, num: int) -> pl.Series:
    """Return u0000, u0001, ...: all of the same width, so that the order of bytes is the order of numbers."""
    width = len(str(num - 1))
    return letter + pl.Series(np.arange(num)).cast(pl.String).str.zfill(width)
