"""The losses of SCCF, VGCL and NESCL on a graph of 12 nodes, compared with NumPy.

The NumPy code uses dense matrices and loops, and shares no code with the backbones. It uses the random draws
of the backbone: noise, graphs with parts left out, and neighbors.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lghrec_compute.backbones import CandidatePools, EgoTable, Inputs, StepRequest, build_backbone
from lghrec_compute.graph import build_graph
from lghrec_compute.objectives import info_nce
from lghrec_compute.policy import Selection
from lghrec_compute.spec.backbone import NesclBackbone, SccfBackbone, VgclBackbone
from lghrec_compute.training.step import loss_parts

USERS, ITEMS, DIM = 5, 7, 4
NODES = USERS + ITEMS
PAIRS = [(0, 0), (0, 3), (1, 1), (1, 3), (2, 0), (2, 2), (2, 4), (3, 5), (4, 6), (4, 2)]
BATCH = [(0, 0, 1), (2, 4, 6), (0, 3, 5), (4, 6, 0), (1, 3, 2)]  # user 0 twice, item 3 twice
IDS = [(user, USERS + item, USERS + other) for user, item, other in BATCH]
# of the users of the batch 0, 2 and 4 share a cluster, and so do the items 5 and 9
CLUSTERS = [0, 1, 0, 1, 0, 2, 3, 2, 4, 2, 3, 4]
POOLS = ([1, 4, 3, 0], [11, 5, 8, 9, 6])
WEIGHT, TAU, REGULARIZATION, SEED = 0.7, 0.3, 0.02, 11
COMMON = {"temperature": TAU, "contrast_weight": WEIGHT}
VGCL = {**COMMON, "cluster_temperature": 0.2, "cluster_weight": 0.6, "kl_weight": 0.3}

SCCF_CASES = [SccfBackbone(temperature=TAU), SccfBackbone(encoder="lightgcn", layers=2, temperature=TAU)]
VGCL_CASES = [VgclBackbone(layers=1, noise=0.5, **VGCL), VgclBackbone(layers=3, noise=0.1, **VGCL)]
NESCL_CASES = [
    NesclBackbone(layers=1, drop_rate=0.2, **COMMON),
    NesclBackbone(
        layers=2, dropout="edge", positive_reduction="mean_log", neighbor_sampling="similarity", **COMMON
    ),
    NesclBackbone(layers=2, drop_rate=0.2, keep_layer_zero=True, neighbors=1, **COMMON),
]
every = pytest.mark.parametrize("spec", [*SCCF_CASES, *VGCL_CASES, *NESCL_CASES], ids=str)
drawn_or_not = pytest.mark.parametrize("pools", [None, POOLS], ids=["published", "drawn"])


def build(spec):
    user_E, item_E = np.array(PAIRS).T
    graph = build_graph(user_E, item_E, USERS, ITEMS, dtype=torch.float64)
    backbone = build_backbone(spec, Inputs(graph, EgoTable(USERS, ITEMS, DIM, seed=5), seed=3)).double()
    if spec.name == "vgcl":
        backbone.cluster_V.copy_(torch.tensor(CLUSTERS))
        torch.nn.init.normal_(backbone.deviation.weight, generator=torch.Generator().manual_seed(1))
        torch.nn.init.normal_(backbone.deviation.bias, generator=torch.Generator().manual_seed(2))
    return backbone


def step_of(backbone, pools=None):
    torch.manual_seed(SEED)
    nothing = torch.zeros(0, dtype=torch.int64)
    request = (
        StepRequest()
        if pools is None
        else StepRequest(CandidatePools(*map(torch.tensor, pools), nothing, nothing))
    )
    return backbone.step(*torch.tensor(BATCH).T, request)


def losses_of(backbone, pools=None):
    step = step_of(backbone, pools)
    parts = loss_parts(step, [Selection()] * len(step.contrasts), embedding_l2=REGULARIZATION)
    return {name: value.item() for name, value in parts.items()}


def whole():
    present = np.zeros((NODES, NODES))
    for user, item in PAIRS:
        present[user, USERS + item] = present[USERS + item, user] = 1
    degree = present.sum(1)
    return present / np.sqrt(np.outer(degree, degree))


def encode(spec, ego, matrix):
    layers = 0 if getattr(spec, "encoder", "") == "mf" else spec.layers
    keep = spec.name == "sccf" or getattr(spec, "keep_layer_zero", False)
    powers = [np.linalg.matrix_power(matrix, layer) @ ego for layer in range(0 if keep else 1, layers + 1)]
    return sum(powers) / len(powers)


def cosine(a, b):
    """Return the cosine, or 0 for the zero vector of a node without interactions in a drawn graph."""
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    return a @ b / lengths if lengths > 0 else 0.0


def liked(node):
    """Return the train neighbors of a node."""
    pairs = [(user, USERS + item) for user, item in PAIRS]
    return {b for a, b in pairs if a == node} | {a for a, b in pairs if b == node}


def twin_sccf(spec, _, ego, pools):
    z = encode(spec, ego, whole())

    def kernel(user, item):
        s = cosine(z[user], z[item])
        return np.exp(s / TAU) + np.exp(s**2 / TAU)

    users, items = [u for u, _, _ in IDS], [i for _, i, _ in IDS]
    if pools is None:
        inside = sum(kernel(u, i) for u in users for i in items) / (len(set(users)) * len(set(items)))
    else:
        inside = sum(kernel(u, n) for u in users for n in pools[1] if n not in liked(u))
        inside += sum(kernel(u, i) for u, i, _ in IDS)
        inside /= len(users) * len(pools[1])
    return {"loss/contrast": np.log(inside) - np.mean([np.log(kernel(u, i)) for u, i, _ in IDS])}


def samples_of(spec, backbone, mean, pools):
    """Return both samples of each node that the step uses, by node."""
    nodes = sorted({node for row in IDS for node in row}.union(*(pools or [])))
    torch.manual_seed(SEED)
    normal = torch.randn(2, len(nodes), DIM, dtype=torch.float64).numpy()
    log_deviation = (
        mean @ backbone.deviation.weight.detach().numpy().T + backbone.deviation.bias.detach().numpy()
    )
    views = [
        {n: mean[n] + spec.noise * np.exp(log_deviation[n]) * view[at] for at, n in enumerate(nodes)}
        for view in normal
    ]
    return log_deviation, views


def twin_vgcl(spec, backbone, ego, pools):
    mean = encode(spec, ego, whole())
    log_deviation, (first, second) = samples_of(spec, backbone, mean, pools)

    def mass(a, nodes, tau):
        return sum(np.exp(cosine(first[a], second[n]) / tau) for n in nodes)

    total = 0.0
    for side in (0, 1):
        anchors = sorted({row[side] for row in IDS})
        for a in anchors:
            group = [n for n in anchors if CLUSTERS[n] == CLUSTERS[a]]
            if pools is None:
                others, apart = [n for n in anchors if n != a], [n for n in anchors if n not in group]
            else:
                others = apart = [n for n in pools[side] if CLUSTERS[n] != CLUSTERS[a]]
            own = mass(a, [a], TAU)
            total -= np.log(own / (own + mass(a, others, TAU))) / len(anchors)
            together = mass(a, group, spec.cluster_temperature)
            share = together / len(group) / (together + mass(a, apart, spec.cluster_temperature))
            total -= spec.cluster_weight * np.log(share) / len(anchors)
    kl = -0.5 * (1 + 2 * log_deviation - mean**2 - np.exp(log_deviation) ** 2).sum(1).mean()
    return {
        "loss/ranking": np.mean([np.log1p(np.exp(first[u] @ (first[j] - first[i]))) for u, i, j in IDS]),
        "loss/contrast": WEIGHT * total,
        "loss/kl": spec.kl_weight * kl / len(IDS),
    }


def twin_nescl(spec, backbone, ego, pools):
    final = encode(spec, ego, whole())
    first, second = (encode(spec, ego, graph.to_dense().numpy()) for graph in backbone.graphs)
    anchors = [u for u, _, _ in IDS] + [i for _, i, _ in IDS]
    others = [i for _, i, _ in IDS] + [u for u, _, _ in IDS]
    torch.manual_seed(SEED)
    near = backbone.neighbors.draw(torch.tensor(anchors)).tolist()
    total = 0.0
    for i, other, neighbour in zip(anchors, others, near, strict=True):
        shares = []
        for k in (i, other, neighbour):
            own = np.exp(cosine(first[k], second[i]) / TAU)
            if pools is None:
                below = sum(np.exp(cosine(first[k], second[j]) / TAU) for j in anchors)
            else:
                never = {i, neighbour} | liked(i)
                pool = [j for j in (*pools[0], *pools[1]) if j not in never]
                below = own + sum(np.exp(cosine(first[k], second[j]) / TAU) for j in pool)
            shares.append(own / below)
        total -= np.log(np.mean(shares)) if spec.positive_reduction == "log_mean" else np.mean(np.log(shares))
    return {
        "loss/ranking": np.mean([np.log1p(np.exp(final[u] @ (final[j] - final[i]))) for u, i, j in IDS]),
        "loss/contrast": WEIGHT * total / len(anchors),
    }


TWINS = {"sccf": twin_sccf, "vgcl": twin_vgcl, "nescl": twin_nescl}


@every
@drawn_or_not
def test_losses_equal_the_numpy_twin(spec, pools):
    backbone = build(spec)
    ego = backbone.ego().detach().numpy()
    expected = TWINS[spec.name](spec, backbone, ego, pools)
    if spec.name != "sccf":
        of_batch = np.square([ego[node] for row in IDS for node in row])
        expected["loss/embedding_l2"] = REGULARIZATION * of_batch.sum() / (2 * len(BATCH))
    assert losses_of(backbone, pools) == pytest.approx(expected, rel=1e-11)


@every
@drawn_or_not
def test_gradient_of_the_whole_loss_is_its_slope(spec, pools):
    backbone = build(spec)

    def total():
        step = step_of(backbone, pools)
        parts = loss_parts(step, [Selection()] * len(step.contrasts), embedding_l2=REGULARIZATION)
        return torch.stack(list(parts.values())).sum()

    table_VD = backbone.ego.node_VD
    total().backward()
    for seed in range(5):
        random = torch.Generator().manual_seed(seed)
        step_VD = 1e-6 * torch.randn(NODES, DIM, dtype=torch.float64, generator=random)
        with torch.no_grad():
            table_VD += step_VD
            above = total()
            table_VD -= 2 * step_VD
            below = total()
            table_VD += step_VD
        slope = (table_VD.grad * step_VD).sum()
        torch.testing.assert_close((above - below) / 2, slope, rtol=1e-6, atol=1e-12)


@every
@drawn_or_not
def test_choosing_everything_at_the_native_temperature_is_the_native_loss(spec, pools):
    for task in step_of(build(spec), pools).contrasts:
        shape = (len(task.anchor_BD), len(task.pool.candidate_ND))
        temperature_B = torch.full(shape[:1], task.temperature, dtype=torch.float64)
        chosen = info_nce(task, negative_BN=torch.ones(shape, dtype=torch.bool), temperature_B=temperature_B)
        torch.testing.assert_close(chosen, info_nce(task), rtol=1e-13, atol=0)


@every
@drawn_or_not
def test_pair_b_is_a_positive_of_anchor_b_and_never_a_negative(spec, pools):
    step = step_of(build(spec), pools)
    for task in step.contrasts:
        rows = [row for row in IDS if row[0] in task.anchor_node_B.tolist()]
        assert len(task.positive_BD()) == len(task.anchor_BD)
        if spec.name == "sccf" and pools is None:
            firsts = {user: item for user, item, _ in reversed(rows)}
            positive = task.pool.node_N[task.positives.candidate_P[: len(task.anchor_BD)]].tolist()
            assert dict(zip(task.anchor_node_B.tolist(), positive, strict=True)) == firsts
        if pools is not None:
            itself_BN = task.anchor_node_B[:, None] == task.pool.node_N
            assert (task.pool.excluded_BN | ~itself_BN).all()


def test_sccf_with_one_kernel_a_log_a_row_and_no_counts_is_user_to_item_infonce():
    (task,) = step_of(build(SCCF_CASES[1])).contrasts
    plain = replace(
        task,
        pool=replace(task.pool, weight_N=None),
        form=replace(task.form, kernel="exp", denominator="per_anchor"),
        anchor_weight_B=None,
    )
    log_share_BN = (task.cosine() / TAU).log_softmax(1)
    expected = -log_share_BN[task.positives.row_P, task.positives.candidate_P].mean()
    torch.testing.assert_close(info_nce(plain), expected, rtol=1e-12, atol=0)


def test_vgcl_without_noise_has_the_mean_for_both_views():
    backbone = build(VgclBackbone(noise=0.0, **VGCL))
    mean_VD = backbone.encode(backbone.ego())
    step = step_of(backbone)
    for task in step.contrasts:
        assert torch.equal(task.anchor_BD, mean_VD[task.anchor_node_B])
        assert torch.equal(task.pool.candidate_ND, mean_VD[task.pool.node_N])
    assert torch.equal(step.ranking.positive, mean_VD[[i for _, i, _ in IDS]])


def test_vgcl_with_a_cluster_for_each_node_contrasts_nodes_at_the_temperature_of_clusters():
    backbone = build(VGCL_CASES[0])
    backbone.cluster_V.copy_(torch.arange(NODES))
    for pools in (None, POOLS):
        tasks = step_of(backbone, pools).contrasts
        for node, cluster in ((tasks[0], tasks[2]), (tasks[1], tasks[3])):
            moved = replace(node, form=replace(node.form, temperature=VGCL["cluster_temperature"]))
            torch.testing.assert_close(info_nce(cluster), info_nce(moved), rtol=1e-12, atol=0)


def test_vgcl_with_one_cluster_of_all_in_the_batch_has_mean_shares_of_one_over_their_number():
    # the group has all the probability, so each member has 1 / |P|, whose -log is log |P|: 4 users, 4 items
    backbone = build(VGCL_CASES[0])
    backbone.cluster_V.copy_((torch.arange(NODES) >= USERS).long())
    for task in step_of(backbone).contrasts[2:]:
        loss = info_nce(task)
        assert loss.item() == pytest.approx(np.log(4), rel=1e-12)
        (gradient_VD,) = torch.autograd.grad(loss, backbone.ego.node_VD, retain_graph=True)
        torch.testing.assert_close(gradient_VD, torch.zeros_like(gradient_VD), rtol=0, atol=1e-12)


@pytest.mark.parametrize("pools", [None, POOLS], ids=["published", "drawn"])
def test_vgcl_lists_the_pairs_of_many_clusters_to_the_same_losses(pools):
    backbone = build(VGCL_CASES[1])
    masked = [info_nce(task).item() for task in step_of(backbone, pools).contrasts]
    backbone.num_clusters = [64, 64]
    tasks = step_of(backbone, pools).contrasts
    assert [task.positives.group for task in tasks] == [None] * 4
    assert [info_nce(task).item() for task in tasks] == pytest.approx(masked, rel=1e-12)
    for task in tasks[2:]:
        shape = (len(task.anchor_BD), len(task.pool.candidate_ND))
        whole_BN = torch.ones(shape, dtype=torch.bool)
        torch.testing.assert_close(info_nce(task, negative_BN=whole_BN), info_nce(task), rtol=1e-13, atol=0)


def test_vgcl_clusters_follow_from_seed_epoch_and_the_clusters_before():
    one, two = (build(VgclBackbone(user_clusters=2, item_clusters=3)) for _ in range(2))
    for epoch in (1, 2):
        one.on_epoch(epoch, resumed=False)
        two.on_epoch(epoch, resumed=False)
    assert torch.equal(one.cluster_V, two.cluster_V)
    assert one.cluster_V[:USERS].max() <= 1
    assert one.cluster_V[USERS:].min() >= 2
    two.cluster_V.zero_()
    two.on_epoch(2, resumed=True)  # the clusters of the checkpoint stay
    assert two.cluster_V.max() == 0


def test_nescl_with_itself_as_the_only_positive_is_merged_sgl_with_its_views_swapped():
    backbone = build(NESCL_CASES[0])
    (task,) = step_of(backbone).contrasts
    num_anchors = len(task.anchor_BD)
    own = replace(
        task.positives,
        row_P=task.positives.row_P[:num_anchors],
        candidate_P=task.positives.candidate_P[:num_anchors],
        anchor_P=task.positives.anchor_P[:num_anchors],
    )
    first_VD, second_VD = (graph.to_dense() @ backbone.ego() for graph in backbone.graphs)
    nodes = [u for u, _, _ in IDS] + [i for _, i, _ in IDS]
    query_BD, key_BD = (torch.nn.functional.normalize(view[nodes], dim=1) for view in (first_VD, second_VD))
    expected = -(query_BD @ key_BD.T / TAU).log_softmax(1).diagonal().mean()
    torch.testing.assert_close(info_nce(replace(task, positives=own)), expected, rtol=1e-12, atol=0)
    torch.testing.assert_close(task.anchor_BD, second_VD[nodes], rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(task.positive_BD(), first_VD[nodes], rtol=1e-12, atol=1e-14)
