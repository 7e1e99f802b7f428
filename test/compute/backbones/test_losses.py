"""The loss of MF, LightGCN and LightCCF on a graph of 12 nodes, compared with NumPy.

The NumPy code uses dense matrices and loops, and shares no code with the backbones.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.backbones import EgoTable, Inputs, build_backbone
from lghrec_compute.graph import build_graph
from lghrec_compute.objectives import info_nce
from lghrec_compute.policy import Native
from lghrec_compute.spec.backbone import LightCcfBackbone, LightGcnBackbone, MfBackbone
from lghrec_compute.training.step import loss_parts

USERS, ITEMS, DIM = 5, 7, 4
PAIRS = [(0, 0), (0, 3), (1, 1), (1, 3), (2, 0), (2, 2), (2, 4), (3, 5), (4, 6)]
BATCH = [(0, 0, 1), (2, 4, 6), (0, 3, 5), (4, 6, 0), (1, 3, 2)]  # user 0 twice, item 3 twice
WEIGHT, REGULARIZATION = 0.7, 0.02

CASES = [
    MfBackbone(),
    LightGcnBackbone(layers=1),
    LightGcnBackbone(layers=3),
    LightCcfBackbone(encoder="mf", temperature=0.28, contrast_weight=WEIGHT),
    LightCcfBackbone(encoder="lightgcn", layers=2, temperature=0.28, contrast_weight=WEIGHT),
    LightCcfBackbone(encoder="lightgcn", layers=2, temperature=0.2, contrast_weight=WEIGHT, form="sum"),
]


def dense_adjacency():
    adjacency = np.zeros((USERS + ITEMS, USERS + ITEMS))
    for user, item in PAIRS:
        adjacency[user, USERS + item] = adjacency[USERS + item, user] = 1
    degree = adjacency.sum(1)
    return adjacency / np.sqrt(np.outer(np.maximum(degree, 1), np.maximum(degree, 1)))


def twin_losses(spec, ego_VD):
    layers = 0 if spec.name == "mf" or getattr(spec, "encoder", "") == "mf" else spec.layers
    powers = [np.linalg.matrix_power(dense_adjacency(), layer) @ ego_VD for layer in range(layers + 1)]
    z = sum(powers) / len(powers)
    rows = [(z[u], z[USERS + i], z[USERS + j]) for u, i, j in BATCH]
    losses = {
        "loss/ranking": np.mean([np.log1p(np.exp(u @ j - u @ i)) for u, i, j in rows]),
        "loss/embedding_l2": REGULARIZATION
        * sum((ego_VD[node] ** 2).sum() for u, i, j in BATCH for node in (u, USERS + i, USERS + j))
        / (2 * len(BATCH)),
    }
    if spec.name == "lightccf":
        losses["loss/contrast"] = spec.contrast_weight * twin_contrast(spec, rows)
    return losses


def twin_contrast(spec, rows):
    def cosine(a, b):
        return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))

    total = 0.0
    for user, item, _ in rows:
        if spec.form == "product":
            below = sum(np.exp((cosine(user, i) + cosine(user, u)) / spec.temperature) for u, i, _ in rows)
        else:
            below = sum(np.exp(cosine(user, i) / spec.temperature) for _, i, _ in rows)
            below += sum(np.exp(cosine(user, u) / spec.temperature) for u, _, _ in rows)
        total -= np.log(np.exp(cosine(user, item) / spec.temperature) / below + 1e-5)
    return total / len(rows)


@pytest.mark.parametrize("spec", CASES, ids=str)
def test_losses_equal_the_numpy_twin(spec):
    user_E, item_E = np.array(PAIRS).T
    graph = build_graph(user_E, item_E, USERS, ITEMS, dtype=torch.float64)
    backbone = build_backbone(spec, Inputs(graph, EgoTable(USERS, ITEMS, DIM, seed=5))).double()
    step = backbone.step(*torch.tensor(BATCH).T)
    selections = [Native().act(task.detached()) for task in step.contrasts]
    parts = loss_parts(step, selections, embedding_l2=REGULARIZATION)
    expected = twin_losses(spec, backbone.ego().detach().numpy())
    assert {name: value.item() for name, value in parts.items()} == pytest.approx(expected, rel=1e-12)


def test_lightccf_sum_form_without_its_user_block_is_user_to_item_infonce():
    user_E, item_E = np.array(PAIRS).T
    graph = build_graph(user_E, item_E, USERS, ITEMS, dtype=torch.float64)
    backbone = build_backbone(CASES[5], Inputs(graph, EgoTable(USERS, ITEMS, DIM, seed=5))).double()
    (task,) = backbone.step(*torch.tensor(BATCH).T).contrasts
    items_only = torch.zeros(len(task.anchor_BD), 2 * len(BATCH), dtype=torch.bool)
    items_only[:, : len(BATCH)] = True
    cosine_BN = task.cosine()[:, : len(BATCH)] / 0.2
    share_P = cosine_BN.log_softmax(1)[task.positives.row_P, task.positives.candidate_P]
    expected = -torch.log(share_P.exp() + 1e-5).mean()

    torch.testing.assert_close(info_nce(task, negative_BN=items_only), expected, rtol=1e-12, atol=0)


def test_lightccf_names_the_nodes_of_its_task():
    user_E, item_E = np.array(PAIRS).T
    graph = build_graph(user_E, item_E, USERS, ITEMS)
    for spec, pool in ((CASES[4], [5, 9, 8, 11, 8]), (CASES[5], [5, 9, 8, 11, 8, 0, 2, 0, 4, 1])):
        backbone = build_backbone(spec, Inputs(graph, EgoTable(USERS, ITEMS, DIM, seed=5)))
        (task,) = backbone.step(*torch.tensor(BATCH).T).contrasts
        assert task.anchor_node_B.tolist() == [0, 1, 2, 4]
        assert task.pool.node_N.tolist() == pool
        # rows 0, 4, 1 and 3 of the batch are the first of each user, followed by the other row of user 0
        assert task.anchor_node_B[task.positives.row_P].tolist() == [0, 1, 2, 4, 0]
        assert task.positives.candidate_P.tolist() == [0, 4, 1, 3, 2]
