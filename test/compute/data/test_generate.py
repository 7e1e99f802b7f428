from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.filters import apply_filters
from lghrec_compute.data.generate import FAVOURITE_SHARE, generate
from lghrec_compute.data.prepare import split_dataset
from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.sizes import Sizes, generator_digest, resolve_sizes
from lghrec_compute.data.source_files import SourceFiles
from lghrec_compute.data.store import save_dataset
from lghrec_compute.data.vocabulary import TOPICS, category_words
from lghrec_compute.errors import ConfigError
from lghrec_compute.spec.preprocess import FilterSpec, SplitSpec
from lghrec_compute.spec.source import GENERATOR_SIZES, GeneratorSpec
from lghrec_compute.types import Ints

SMALL = Sizes("small", users=400, items=300, interactions=8000, categories=10, cold_items=0.0, seed=3)


def generated(sizes: Sizes) -> RawData:
    return generate(SourceFiles(sizes.name, "generator", generator=sizes), ReadContext(lambda _event: None))


def categories(raw: RawData) -> pl.DataFrame:
    """Each interaction's user and the category of its item."""
    items = raw.items.select("item", category="text_category")
    return raw.interactions.join(items, on="item").select("user", "category")


@pytest.mark.parametrize(
    "sizes",
    [
        SMALL,
        replace(
            SMALL, users=50, items=40, interactions=500, categories=100
        ),  # full to the limit, and empty categories
        replace(SMALL, interactions=400),  # one click per user
        replace(SMALL, users=3, items=2000, interactions=1000),
    ],
)
def test_sizes_are_exact(sizes: Sizes) -> None:
    raw = generated(sizes)
    pairs = raw.interactions.select("user", "item")
    assert len(pairs) == len(pairs.unique()) == sizes.interactions
    assert pairs["user"].n_unique() == sizes.users
    assert len(raw.items) == raw.items["item"].n_unique() == sizes.items
    assert set(pairs["item"]) <= set(raw.items["item"])


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    def stored(name: str, sizes: Sizes) -> str:
        raw = generated(sizes)
        left = apply_filters(raw.interactions, FilterSpec(k_core=2)).interactions
        dataset = split_dataset(left, raw, SplitSpec(method="given"), about={"name": "g"})
        return save_dataset(ArtifactStore(tmp_path / name), dataset, run_id=name).stored.id

    first = stored("1", SMALL)
    assert stored("2", SMALL) == first
    assert stored("3", replace(SMALL, seed=4)) != first


def test_degrees_fall_as_a_power() -> None:
    raw = generated(replace(SMALL, users=4000, items=3000, interactions=80_000))
    for column, least in (("user", 5), ("item", 1)):
        counts = np.sort(raw.interactions[column].value_counts()["count"].to_numpy())
        assert counts[0] >= least
        assert counts[-40:].sum() > 5 * counts[:40].sum()
        assert counts[-1] > 5 * np.median(counts)


def test_categories_drive_the_clicks() -> None:
    # share of pairs of clicks in one category, for pairs of one user compared with pairs of all users
    counts = categories(generated(SMALL)).group_by("user", "category").len()
    own = counts.with_columns(same=pl.col("len") * (pl.col("len") - 1))
    users = counts.group_by("user").agg(pl.col("len").sum())
    same_share = own["same"].sum() / (users["len"] * (users["len"] - 1)).sum()
    everybody = counts.group_by("category").agg(pl.col("len").sum())["len"]
    chance = ((everybody / everybody.sum()) ** 2).sum()
    lift = same_share / chance
    # two favourites with 2/5 of the clicks each give about 2 * (2/5)^2 = 0.32, compared with 1/10 at random
    assert lift > 2
    # the two categories with most of a user's clicks have at least the intended share of the favourites
    most = counts.sort("len", descending=True).group_by("user", maintain_order=True).head(2)
    assert most["len"].sum() / counts["len"].sum() > FAVOURITE_SHARE - 0.2


def test_texts_use_the_words_of_their_category() -> None:
    raw = generated(SMALL)
    assert raw.text_fields == ("title", "description", "category")
    known = {f"{style} {topic}": set(nouns) for style, topic, nouns in map(category_words, range(10))}
    everything = {noun for nouns in known.values() for noun in nouns}
    for title, description, category in raw.items.select(pl.col("^text_.*$")).rows():
        words = set((title + " " + description).lower().replace(".", " ").replace(",", " ").split())
        assert len(words & known[category]) >= 4
        assert not words & (everything - known[category])


def test_topics_share_no_noun() -> None:
    nouns = [noun for _, nouns in TOPICS for noun in nouns]
    assert {len(nouns) for _, nouns in TOPICS} == {8}
    assert len(nouns) == len(set(nouns))
    bound = GeneratorSpec.model_json_schema()["properties"]["categories"]["maximum"]
    assert len({category_words(category)[:2] for category in range(bound)}) == bound


def test_cold_items_occur_only_in_test() -> None:
    raw = generated(replace(SMALL, cold_items=0.3))
    parts = raw.interactions.group_by("item").agg((pl.col("part") == 2).all().alias("cold"))
    # 90 items by the sizes; all clicks of an item with few clicks may be in test at random, too
    assert 90 <= parts["cold"].sum() <= 95
    assert {0, 1, 2} == set(raw.interactions["part"])
    warm = raw.interactions.join(parts.filter(~pl.col("cold")), on="item")["part"]
    shares: Ints = np.bincount(warm.to_numpy(), minlength=3)
    assert shares[0] / shares.sum() == pytest.approx(0.8, abs=0.03)


def test_named_sizes_are_those_of_the_paper() -> None:
    assert GENERATOR_SIZES["amazon-book-size"] == (1_856_344, 704_093, 27_164_983)
    named = Sizes("yelp2018-size", 277_631, 112_394, 4_250_483, categories=20, cold_items=0.0, seed=0)
    assert resolve_sizes(GeneratorSpec(size="yelp2018-size")) == named
    smaller = resolve_sizes(GeneratorSpec(size="mind-size", interactions=100_000, seed=7))
    assert (smaller.users, smaller.interactions, smaller.seed) == (47_495, 100_000, 7)


@pytest.mark.parametrize(("users", "interactions"), [(10, 101), (200, 199)])
def test_too_few_or_too_many_interactions_are_refused(users: int, interactions: int) -> None:
    with pytest.raises(ConfigError, match="expected") as error:
        resolve_sizes(GeneratorSpec(users=users, items=40, interactions=interactions))
    assert [violation.path for violation in error.value.violations] == ["source.generator.interactions"]


def test_the_digest_follows_every_number() -> None:
    changes = [{}, {"users": 401}, {"items": 301}, {"categories": 9}, {"cold_items": 0.1}, {"seed": 4}]
    digests = {generator_digest(replace(SMALL, **change)) for change in changes}
    assert len(digests) == len(changes)
    assert generator_digest(SMALL) == generator_digest(replace(SMALL))
