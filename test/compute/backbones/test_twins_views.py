"""The losses of SGL, SimGCL and LightGCL on a graph of 12 nodes, compared with NumPy.

The NumPy code uses dense matrices and loops, and shares no code with the backbones. It uses the random draws
of the backbone: graphs with parts left out, and noise.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.backbones import CandidatePools, EgoTable, Inputs, StepRequest, build_backbone
from lghrec_compute.graph import build_graph
from lghrec_compute.objectives import info_nce
from lghrec_compute.policy import Selection
from lghrec_compute.spec.backbone import LightGclBackbone, SglBackbone, SimGclBackbone
from lghrec_compute.training.step import loss_parts

USERS, ITEMS, DIM = 5, 7, 4
NODES = USERS + ITEMS
PAIRS = [(0, 0), (0, 3), (1, 1), (1, 3), (2, 0), (2, 2), (2, 4), (3, 5), (4, 6), (4, 2)]
BATCH = [(0, 0, 1), (2, 4, 6), (0, 3, 5), (4, 6, 0), (1, 3, 2)]  # user 0 twice, item 3 twice
WEIGHT, TAU, REGULARIZATION, SEED = 0.7, 0.3, 0.02, 11
COMMON = {"temperature": TAU, "contrast_weight": WEIGHT}

CASES = [
    SglBackbone(layers=1, drop_rate=0.3, **COMMON),
    SglBackbone(layers=3, drop_rate=0.3, **COMMON),
    SglBackbone(layers=2, drop_rate=0.3, pool="batch", **COMMON),
    SglBackbone(layers=2, drop_rate=0.2, dropout="node", **COMMON),
    SglBackbone(layers=3, drop_rate=0.3, dropout="random_walk", **COMMON),
    SimGclBackbone(layers=1, noise=0.2, **COMMON),
    SimGclBackbone(layers=3, noise=0.2, **COMMON),
    SimGclBackbone(layers=2, noise=0.2, keep_layer_zero=True, **COMMON),
    LightGclBackbone(layers=1, rank=2, **COMMON),
    LightGclBackbone(layers=3, rank=2, **COMMON),
    LightGclBackbone(layers=2, rank=2, temperature=0.01, contrast_weight=WEIGHT),  # positives clamped
    LightGclBackbone(layers=2, rank=3, edge_dropout=0.3, **COMMON),
]
every = pytest.mark.parametrize("spec", CASES, ids=str)


def build(spec):
    user_E, item_E = np.array(PAIRS).T
    graph = build_graph(user_E, item_E, USERS, ITEMS, dtype=torch.float64)
    return build_backbone(spec, Inputs(graph, EgoTable(USERS, ITEMS, DIM, seed=5), seed=3)).double()


def losses_of(backbone, request=None):
    torch.manual_seed(SEED)
    step = backbone.step(*torch.tensor(BATCH).T, request or StepRequest())
    parts = loss_parts(step, [Selection()] * len(step.contrasts), embedding_l2=REGULARIZATION)
    return {name: value.item() for name, value in parts.items()}


def normalised(present):
    degree = np.maximum(present.sum(1), 1)
    return present / np.sqrt(np.outer(degree, degree))


def whole():
    present = np.zeros((NODES, NODES))
    for user, item in PAIRS:
        present[user, USERS + item] = present[USERS + item, user] = 1
    return normalised(present)


def layers_of(ego, matrices):
    rows = [ego]
    for matrix in matrices:
        rows.append(matrix @ rows[-1])
    return rows


def sgl_views(spec, backbone, ego):
    for graphs in backbone.graphs:
        matrices = [normalised((graph.to_dense().numpy() != 0).astype(float)) for graph in graphs]
        yield np.mean(layers_of(ego, matrices if len(matrices) > 1 else matrices * spec.layers), axis=0)


def uniform():
    """Return the random numbers of the noise: 16 bits per number, at the middle of each step."""
    words = torch.zeros(-(-NODES * DIM // 4), dtype=torch.int64).random_(-(2**63), None).numpy()
    bits = np.frombuffer(words.tobytes(), dtype=np.int16)[: NODES * DIM].reshape(NODES, DIM)
    return (bits.astype(float) + 32768 + 0.5) / 65536


def simgcl_views(spec, ego):
    torch.manual_seed(SEED)
    for _ in range(2):
        rows = [ego]
        for _ in range(spec.layers):
            clean, random = whole() @ rows[-1], uniform()
            length = np.linalg.norm(random, axis=1, keepdims=True)
            rows.append(clean + spec.noise * np.sign(clean) * random / length)
        yield np.mean(rows if spec.keep_layer_zero else rows[1:], axis=0)


def lightgcl_rows(spec, backbone, ego):
    """Return the sum over layers on the graph, and the low-rank view that is computed from it."""
    matrices = [whole()] * spec.layers
    if spec.edge_dropout:
        matrices = [graph.to_dense().numpy() for graph in backbone.graphs]
    low = np.zeros((NODES, NODES))
    low[:USERS, USERS:] = (backbone.left_UQ @ backbone.right_IQ.T).numpy()
    low[USERS:, :USERS] = low[:USERS, USERS:].T
    rows = layers_of(ego, matrices)
    return sum(rows), ego + sum(low @ row for row in rows[:-1])


def twin_views(spec, backbone, ego):
    """Return the final embeddings, the view of the anchors and the view of the candidates."""
    match spec.name:
        case "sgl":
            return np.mean(layers_of(ego, [whole()] * spec.layers), axis=0), *sgl_views(spec, backbone, ego)
        case "simgcl":
            rows = layers_of(ego, [whole()] * spec.layers)
            final = np.mean(rows if spec.keep_layer_zero else rows[1:], axis=0)
            return final, *simgcl_views(spec, ego)
        case _:
            final, low = lightgcl_rows(spec, backbone, ego)
            return final, low, final


def twin_similarity(spec, a, b):
    if spec.name == "lightgcl":
        return a @ b / spec.temperature
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b) / spec.temperature


def twin_anchors(spec):
    users = [user for user, _, _ in BATCH]
    items = [USERS + item for _, item, _ in BATCH]
    if spec.name == "lightgcl":
        items += [USERS + item for _, _, item in BATCH]
    if spec.name == "simgcl" or getattr(spec, "pool", "") == "batch":
        return sorted(set(users)), sorted(set(items))
    return users, items


def twin_contrast(spec, anchor_rows, key_rows, pools=None):
    total = 0.0
    batch_only = spec.name == "simgcl" or getattr(spec, "pool", "") == "batch"
    for side, anchors in enumerate(twin_anchors(spec)):
        published = anchors if batch_only else (range(USERS), range(USERS, NODES))[side]
        pool = published if pools is None else pools[side]
        for node in anchors:
            own = twin_similarity(spec, anchor_rows[node], key_rows[node])
            others = [twin_similarity(spec, anchor_rows[node], key_rows[n]) for n in pool if n != node]
            gain = np.clip(own, -5, 5) if spec.name == "lightgcl" else own
            total += (np.log(sum(np.exp([own, *others]))) - gain) / len(anchors)
    return total


def twin_losses(spec, backbone, pools=None):
    ego = backbone.ego().detach().numpy()
    final, anchor_rows, key_rows = twin_views(spec, backbone, ego)
    rows = [(final[u], final[USERS + i], final[USERS + j]) for u, i, j in BATCH]
    of_batch = [ego[node] for u, i, j in BATCH for node in (u, USERS + i, USERS + j)]
    penalty = (ego**2).sum() if spec.name == "lightgcl" else np.square(of_batch).sum() / (2 * len(BATCH))
    return {
        "loss/ranking": np.mean([np.log1p(np.exp(u @ j - u @ i)) for u, i, j in rows]),
        "loss/embedding_l2": REGULARIZATION * penalty,
        "loss/contrast": WEIGHT * twin_contrast(spec, anchor_rows, key_rows, pools),
    }


@every
def test_losses_equal_the_numpy_twin(spec):
    backbone = build(spec)
    backbone.on_epoch(4, resumed=False)
    losses = losses_of(backbone)
    assert losses == pytest.approx(twin_losses(spec, backbone), rel=1e-11)


@every
def test_losses_from_drawn_candidates_equal_the_numpy_twin(spec):
    backbone = build(spec)
    nothing = torch.zeros(0, dtype=torch.int64)
    pools = CandidatePools(torch.tensor([1, 4, 0]), torch.tensor([11, 5, 8, 9]), nothing, nothing)
    losses = losses_of(backbone, StepRequest(pools))
    assert losses == pytest.approx(twin_losses(spec, backbone, ([1, 4, 0], [11, 5, 8, 9])), rel=1e-11)


@pytest.mark.parametrize("spec", [CASES[1], CASES[9]], ids=str)
def test_drawing_all_nodes_is_the_published_loss(spec):
    backbone = build(spec)
    nothing = torch.zeros(0, dtype=torch.int64)
    pools = CandidatePools(torch.arange(USERS), torch.arange(USERS, NODES), nothing, nothing)
    assert losses_of(backbone, StepRequest(pools)) == pytest.approx(losses_of(backbone), rel=1e-12)


def total_of(backbone):
    torch.manual_seed(SEED)  # the same noise each time
    step = backbone.step(*torch.tensor(BATCH).T)
    return torch.stack(list(loss_parts(step, [Selection()] * 2, embedding_l2=REGULARIZATION).values())).sum()


@every
def test_gradient_of_the_whole_loss_is_its_slope(spec):
    backbone = build(spec)
    table_VD = backbone.ego.node_VD
    total_of(backbone).backward()
    for seed in range(5):
        random = torch.Generator().manual_seed(seed)
        step_VD = 1e-6 * torch.randn(NODES, DIM, dtype=torch.float64, generator=random)
        with torch.no_grad():
            table_VD += step_VD
            above = total_of(backbone)
            table_VD -= 2 * step_VD
            below = total_of(backbone)
            table_VD += step_VD
        slope = (table_VD.grad * step_VD).sum()
        torch.testing.assert_close((above - below) / 2, slope, rtol=1e-6, atol=1e-12)


def test_sgl_without_dropout_is_simgcl_without_noise():
    # both views are the clean layer mean S, so an anchor's loss is log sum over v of e^{(cos(a, v) - 1)/tau}
    sgl = build(SglBackbone(layers=2, drop_rate=0.0, pool="batch", **COMMON))
    simgcl = build(SimGclBackbone(layers=2, noise=0.0, keep_layer_zero=True, **COMMON))
    left, right = losses_of(sgl), losses_of(simgcl)
    assert left == pytest.approx(right, rel=1e-13)

    final = sgl.encode(sgl.ego()).detach().numpy()
    unit = final / np.linalg.norm(final, axis=1, keepdims=True)
    expected = 0.0
    for nodes in ([0, 1, 2, 4], [5, 8, 9, 11]):
        cosine = unit[nodes] @ unit[nodes].T
        expected += WEIGHT * np.mean(np.log(np.exp((cosine - 1) / TAU).sum(1)))
    assert left["loss/contrast"] == pytest.approx(expected, rel=1e-12)


def test_lightgcl_of_full_rank_has_two_equal_views():
    # the 5 x 7 matrix has rank 5 at most
    backbone = build(LightGclBackbone(layers=3, rank=6, **COMMON))
    step = backbone.step(*torch.tensor(BATCH).T)
    for task in step.contrasts:
        torch.testing.assert_close(task.anchor_BD, task.positive_BD(), rtol=1e-10, atol=1e-12)


@every
def test_pair_b_is_the_main_positive_of_anchor_b(spec):
    backbone = build(spec)
    torch.manual_seed(SEED)
    step = backbone.step(*torch.tensor(BATCH).T)
    _, anchor_rows, key_rows = twin_views(spec, backbone, backbone.ego().detach().numpy())
    for task in step.contrasts:
        nodes = task.anchor_node_B.numpy()
        np.testing.assert_allclose(task.anchor_BD.detach().numpy(), anchor_rows[nodes], rtol=1e-11)
        np.testing.assert_allclose(task.positive_BD().detach().numpy(), key_rows[nodes], rtol=1e-11)
        candidates = task.pool.candidate_ND.detach().numpy()
        np.testing.assert_allclose(candidates, key_rows[task.pool.node_N.numpy()], rtol=1e-11)


def test_each_anchor_of_a_whole_selection_stays_at_the_published_loss():
    backbone = build(CASES[1])
    for task in backbone.step(*torch.tensor(BATCH).T).contrasts:
        shape = (len(task.anchor_BD), len(task.pool.candidate_ND))
        chosen = info_nce(task, negative_BN=torch.ones(shape, dtype=torch.bool))
        torch.testing.assert_close(chosen, info_nce(task), rtol=1e-13, atol=0)
