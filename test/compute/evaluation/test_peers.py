"""Metrics compared with the figures of ranx 0.3.21 and RecBole 1.2.1 for the same lists."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lghrec_compute.evaluation.catalogue import Catalogue, list_metrics, whole_metrics
from lghrec_compute.evaluation.metrics import means, user_metrics

CUTOFFS = (1, 3, 5, 10)
RANX = {
    "recall": "recall",
    "precision": "precision",
    "hit_rate": "hit_rate",
    "ndcg": "ndcg",
    "map": "map_full",
    "mrr": "mrr_first",
}
RECBOLE = {
    "recall": "recall",
    "precision": "precision",
    "hit": "hit_rate",
    "ndcg": "ndcg",
    "map": "map_min",
    "mrr": "mrr_first",
    "itemcoverage": "coverage",
    "giniindex": "gini",
    "averagepopularity": "average_popularity",
    "tailpercentage": "tail_share",
}
FIGURES = json.loads(Path(__file__).with_name("peer_figures.json").read_text())


@pytest.fixture(scope="module")
def per_user() -> dict[str, np.ndarray]:
    held = [set(items) for items in FIGURES["held_out"]]
    hits_UK = [[item in held[user] for item in row] for user, row in enumerate(FIGURES["lists"])]
    sizes_U = np.array([len(items) for items in held])
    return user_metrics(np.array(hits_UK), sizes_U, CUTOFFS)


@pytest.mark.parametrize("cutoff", CUTOFFS)
@pytest.mark.parametrize("name", RANX)
def test_values_of_each_user_are_those_of_ranx(per_user, name: str, cutoff: int):
    ours = per_user[f"{RANX[name]}@{cutoff}"]
    assert ours.tolist() == pytest.approx(FIGURES["ranx"][f"{name}@{cutoff}"], rel=0, abs=1e-12)


@pytest.mark.parametrize("cutoff", CUTOFFS)
@pytest.mark.parametrize("name", RECBOLE)
def test_means_are_those_of_recbole(per_user, name: str, cutoff: int):
    # RecBole's tail is a share of the items counted from the rarest, .8 here: what is outside our head
    items_UK = np.array(FIGURES["lists"])
    listed = list_metrics(items_UK, CUTOFFS, Catalogue(np.array(FIGURES["popularity"]), 60))
    ours = means(per_user | listed) | whole_metrics(items_UK, CUTOFFS, 50)
    assert ours[f"{RECBOLE[name]}@{cutoff}"] == pytest.approx(
        FIGURES["recbole"][f"{name}@{cutoff}"], rel=0, abs=1e-12
    )


def test_the_two_disagree_on_map_alone():
    same = {"recall", "precision", "ndcg", "mrr"}
    for name in sorted(same):
        assert np.mean(FIGURES["ranx"][f"{name}@5"]) == pytest.approx(
            FIGURES["recbole"][f"{name}@5"], abs=1e-12
        )
    assert np.mean(FIGURES["ranx"]["map@5"]) < FIGURES["recbole"]["map@5"] - 0.05
