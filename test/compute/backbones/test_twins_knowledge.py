"""The losses of CIKG and AutoGraph on a graph of 12 nodes, compared with NumPy.

The NumPy code uses dense matrices and loops, and shares no code with the backbones.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.backbones import (
    CandidatePools,
    EgoTable,
    Inputs,
    Knowledge,
    StepRequest,
    StructuralContrast,
    build_backbone,
)
from lghrec_compute.backbones.cikg import Masked
from lghrec_compute.graph import build_graph
from lghrec_compute.policy import Native
from lghrec_compute.spec.backbone import AutoGraphBackbone, CikgBackbone
from lghrec_compute.training.step import loss_parts

USERS, ITEMS, ENTITIES, INTERESTS, DIM = 5, 7, 3, 4, 4
NODES = USERS + ITEMS
PAIRS = [(0, 0), (0, 3), (1, 1), (1, 3), (2, 0), (2, 2), (2, 4), (3, 5), (4, 6)]
BATCH = [(0, 0, 1), (2, 4, 6), (0, 3, 5), (4, 6, 0), (1, 3, 2)]  # user 0 twice, item 3 twice
THINGS = [(0, 7), (1, 7), (3, 8), (0, 1), (8, 9)]  # items 0 .. 6, entities 7 .. 9
LIKES = [(0, 0), (1, 0), (1, 1), (2, 2), (4, 3)]
KNOWLEDGE = Knowledge(*torch.tensor(THINGS).T, ENTITIES, *torch.tensor(LIKES).T, INTERESTS)


def backbone_of(spec, *, knowledge=None, semantic_IC=None):
    graph = build_graph(*np.array(PAIRS).T, USERS, ITEMS, dtype=torch.float64)
    ego = EgoTable(USERS, ITEMS, DIM, seed=5)
    return build_backbone(spec, Inputs(graph, ego, 1, semantic_IC, knowledge)).double()


NOTHING = StepRequest()


def parts_of(backbone, request=NOTHING):
    step = backbone.step(*torch.tensor(BATCH).T, request)
    selections = [Native().act(task.detached()) for task in (*step.contrasts, *step.structural)]
    return {name: value.item() for name, value in loss_parts(step, selections, embedding_l2=0.02).items()}


def arrays_of(backbone):
    return {name: value.detach().numpy() for name, value in backbone.named_parameters()}


def mean_of_layers(edges, num_nodes, start, layers, *, loops):
    table = np.eye(num_nodes) if loops else np.zeros((num_nodes, num_nodes))
    for left, right in edges:
        table[left, right] = table[right, left] = 1
    degree = np.maximum(table.sum(1), 1)
    table = table / np.sqrt(np.outer(degree, degree))
    return sum(np.linalg.matrix_power(table, layer) @ start for layer in range(layers + 1)) / (layers + 1)


def cosine(a, b):
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def info_nce(anchors, keys, pool, temperature):
    """Return the mean loss of the rows `anchors` with the positives `keys`, which are in the pool."""
    total = 0.0
    for anchor, key in zip(anchors, keys, strict=True):
        below = sum(np.exp(cosine(anchor, candidate) / temperature) for candidate in pool)
        total -= np.log(np.exp(cosine(anchor, key) / temperature) / below)
    return total / len(anchors)


def ranking(z):
    return np.mean([np.log1p(np.exp(z[u] @ z[USERS + j] - z[u] @ z[USERS + i])) for u, i, j in BATCH])


def shrinking(ego):
    rows = [ego[node] for u, i, j in BATCH for node in (u, USERS + i, USERS + j)]
    return 0.02 * sum(row @ row for row in rows) / (2 * len(BATCH))


# CIKG ------------------------------------------------------------------------------------------------------
def hybrid_edges():
    edges = [(user, USERS + item) for user, item in PAIRS]
    edges += [(USERS + head, USERS + tail) for head, tail in THINGS]
    return edges + [(user, NODES + ENTITIES + interest) for user, interest in LIKES]


def cikg_twin(spec, arrays, masked):
    ego = arrays["ego.node_VD"]
    everything = np.concatenate([ego, arrays["more_WD"]])
    count, edges = len(everything), hybrid_edges()
    z = mean_of_layers(edges, count, everything, spec.layers, loops=True)
    if spec.cf_view == "hybrid":
        first = mean_of_layers(edges, count, everything, spec.layers, loops=False)
    else:
        first = mean_of_layers(edges[: len(PAIRS)], NODES, ego, spec.layers, loops=False)
    liked = mean_of_layers(edges[-len(LIKES) :], count, everything, spec.layers, loops=True)
    known = mean_of_layers(edges[len(PAIRS) : -len(LIKES)], count, everything, spec.layers, loops=True)
    users, items = [u for u, _, _ in BATCH], [USERS + i for _, i, _ in BATCH]
    contrast = info_nce(first[users], liked[users], liked[:USERS], spec.temperature)
    contrast += info_nce(first[items], known[items], known[USERS:], spec.temperature)

    hidden, masked_nodes = everything.copy(), [NODES + ENTITIES + index for index in masked.index_M.tolist()]
    for order, node in enumerate(reversed(masked_nodes)):
        others = masked.replacement_R.tolist()[::-1]
        other = everything[NODES + ENTITIES + others[order]] if order < len(others) else None
        hidden[node] = arrays["reconstruction.token_D"] if other is None else other
    code = mean_of_layers(edges, count, hidden, 2, loops=True) @ arrays["reconstruction.weight_DD"].T
    code[masked_nodes] = 0
    decoded = mean_of_layers(edges, count, code, 1, loops=True)
    errors = [1 - cosine(decoded[node], everything[node]) for node in masked_nodes]
    lost = np.mean(np.power(errors, spec.reconstruction_power))
    return {
        "loss/ranking": ranking(z),
        "loss/embedding_l2": shrinking(ego),
        "loss/contrast": spec.contrast_weight * contrast,
        "loss/reconstruction": spec.reconstruction_weight * lost,
    }


@pytest.mark.parametrize("cf_view", ["hybrid", "cf"])
def test_cikg_losses_equal_the_twin(cf_view):
    spec = CikgBackbone(
        layers=2, noise=0.0, contrast_weight=0.7, reconstruction_weight=0.4, reconstruction_power=2.5,
        mask_rate_min=0.75, mask_rate_max=0.75, replace_rate=0.4, cf_view=cf_view,
    )  # fmt: skip
    backbone = backbone_of(spec, knowledge=KNOWLEDGE)
    backbone.reconstruction.token_D.data = torch.tensor([0.3, -0.1, 0.2, 0.05], dtype=torch.float64)
    masked = Masked(torch.tensor([3, 0, 2]), torch.tensor([1]))  # 3 and 0 get the token, 2 the row of 1
    backbone.reconstruction.draw = lambda _rate, _replace_rate: masked
    assert parts_of(backbone) == pytest.approx(cikg_twin(spec, arrays_of(backbone), masked), rel=1e-10)


def test_cikg_without_knowledge_contrasts_the_ego_rows():
    spec = CikgBackbone(layers=2, noise=0.0, contrast_weight=0.7)
    backbone = backbone_of(spec)
    ego = arrays_of(backbone)["ego.node_VD"]
    edges = [(user, USERS + item) for user, item in PAIRS]
    first = mean_of_layers(edges, NODES, ego, 2, loops=False)
    users, items = [u for u, _, _ in BATCH], [USERS + i for _, i, _ in BATCH]
    contrast = info_nce(first[users], ego[users], ego[:USERS], 0.2)
    contrast += info_nce(first[items], ego[items], ego[USERS:], 0.2)
    expected = {
        "loss/ranking": ranking(mean_of_layers(edges, NODES, ego, 2, loops=True)),
        "loss/embedding_l2": shrinking(ego),
        "loss/contrast": 0.7 * contrast,
    }
    assert parts_of(backbone) == pytest.approx(expected, rel=1e-10)


def test_cikg_offers_a_policy_users_and_items_alone():
    backbone = backbone_of(CikgBackbone(layers=1), knowledge=KNOWLEDGE)
    pools = CandidatePools(torch.tensor([0, 3]), torch.tensor([6, 11]), *torch.tensor([[0], [5]]))
    users, items = backbone.step(*torch.tensor(BATCH).T, StepRequest(pools)).contrasts
    assert users.pool.node_N.tolist() == [0, 3]
    assert items.pool.node_N.tolist() == [6, 11]
    assert items.excluded_BN.tolist() == [
        [False, False],
        [False, False],
        [False, False],
        [False, True],
        [False] * 2,
    ]


def test_cikg_masks_more_from_epoch_to_epoch_and_one_at_least():
    spec = CikgBackbone(mask_rate_min=0.05, mask_rate_max=0.8, mask_epochs=4)
    backbone = backbone_of(spec, knowledge=KNOWLEDGE)
    rates = []
    for epoch in (1, 3, 5, 9):
        backbone.on_epoch(epoch, resumed=False)
        rates.append(backbone.mask_rate)
    assert rates == pytest.approx([0.05, 0.2, 0.8, 0.8])  # .05 16^(e / 4)
    torch.manual_seed(0)
    few, many = backbone.reconstruction.draw(0.05, 0.5), backbone.reconstruction.draw(0.8, 0.7)
    assert [len(part) for part in (*few, *many)] == [1, 0, 3, 2]


# AutoGraph -------------------------------------------------------------------------------------------------
def attend(arrays, sources, targets, edges, heads):
    """Compute attention with loops over the targets and the heads."""
    weight, width = arrays["source_weight"], len(arrays["source_weight"]) // heads
    output = np.zeros((len(targets), heads * width))
    for target in range(len(targets)):
        near = [source for source, to in edges if to == target]
        for head in range(heads if near else 0):
            values = [weight[head * width : (head + 1) * width] @ sources[source] for source in near]
            bias = arrays["target_score"][head] @ targets[target]
            scores = [arrays["source_score"][head] @ value + bias for value in values]
            shares = np.exp([score if score > 0 else 0.2 * score for score in scores])
            output[target, head * width : (head + 1) * width] = (shares / shares.sum()) @ np.array(values)
    return output


def under(arrays, prefix):
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def autograph_twin(spec, backbone):
    arrays, heads = arrays_of(backbone), spec.heads
    ego = arrays["ego.node_VD"]
    rows = {"users": ego[:USERS], "items": ego[USERS:]}
    latent = {}
    for name, start in rows.items():
        own, codes = under(arrays, f"{name}."), getattr(backbone, name).code_NH.numpy()
        links = [(node, code) for node, of_node in enumerate(codes) for code in of_node]
        codes_out = attend(under(own, "to_codes."), start, own["code_KD"], links, heads)
        both = np.concatenate([codes_out, own["code_KD"]], axis=1)
        latent[name] = attend(under(own, "to_members."), both, start, [(c, n) for n, c in links], heads)
    to_users, to_items = [(item, user) for user, item in PAIRS], PAIRS
    paths, z = {}, []
    for name, other, edges in (("users", "items", to_users), ("items", "users", to_items)):
        own = under(arrays, f"{name}.")
        path = attend(under(own, "to_node."), latent[other], latent[name], edges, heads)
        path = path @ own["weight_DF"].T + own["bias_D"]
        paths[name] = np.where(path > 0, path, 0.2 * path)
        join = arrays[f"{name.removesuffix('s')}_join_DX"]
        z.append(np.concatenate([rows[name], paths[name]], axis=1) @ join.T)
    return ego, np.concatenate([paths["users"], paths["items"]]), np.concatenate(z)


def structural(ego, path, temperature):
    users, items = [u for u, _, _ in BATCH], [USERS + i for _, i, _ in BATCH]
    loss = info_nce(ego[users], path[users], path[:USERS], temperature)
    return loss + info_nce(ego[items], path[items], path[USERS:], temperature)


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_autograph_losses_equal_the_twin(heads):
    spec = AutoGraphBackbone(heads=heads, codes=2, codebooks=2, dropout=0.0, ranking_loss="bpr")
    semantic_IC = torch.randn(ITEMS, 6, generator=torch.Generator().manual_seed(3))
    backbone = backbone_of(spec, semantic_IC=semantic_IC)
    ego, path, z = autograph_twin(spec, backbone)
    expected = {
        "loss/ranking": ranking(z),
        "loss/embedding_l2": shrinking(ego),
        "loss/contrast": 0.1 * structural(ego, path, 0.2),
    }
    assert parts_of(backbone) == pytest.approx(expected, rel=1e-10)


def test_autograph_ranks_among_sampled_items_other_than_the_positive():
    spec = AutoGraphBackbone(codes=2, dropout=0.0, num_negatives=3)
    backbone = backbone_of(spec)
    _, _, z = autograph_twin(spec, backbone)
    torch.manual_seed(4)
    drawn_BM = torch.randint(ITEMS - 1, (len(BATCH), 3)).tolist()
    total = 0.0
    for (user, item, _), drawn in zip(BATCH, drawn_BM, strict=True):
        # all items except the positive one
        others = [other if other < item else other + 1 for other in drawn]
        below = sum(np.exp(z[user] @ z[USERS + other]) for other in (item, *others))
        total -= np.log(np.exp(z[user] @ z[USERS + item]) / below)
    torch.manual_seed(4)
    parts = parts_of(backbone)
    assert parts["loss/ranking"] == pytest.approx(total / len(BATCH), rel=1e-10)
    assert list(parts) == ["loss/embedding_l2", "loss/contrast", "loss/ranking"]


def test_autograph_takes_its_metapath_as_the_structural_view():
    spec = AutoGraphBackbone(codes=2, dropout=0.0)
    backbone = backbone_of(spec)
    nodes = torch.arange(NODES)
    pools = CandidatePools(nodes[:USERS], nodes[USERS:], nodes[:1], nodes[-1:])
    ego, path, _ = autograph_twin(spec, backbone)
    parts = parts_of(backbone, StepRequest(structural=StructuralContrast(pools, 0.3, 0.5)))
    assert parts["loss/structural"] == pytest.approx(0.3 * structural(ego, path, 0.5), rel=1e-10)


def test_autograph_drops_parts_of_the_metapath_in_training_only():
    backbone = backbone_of(AutoGraphBackbone(codes=2, dropout=0.5, contrast_weight=0.0))
    torch.manual_seed(0)
    assert parts_of(backbone)["loss/ranking"] != parts_of(backbone)["loss/ranking"]
    left, right = backbone.embeddings()[0], backbone.embeddings()[0]
    assert torch.equal(left, right)


def test_autograph_links_nodes_by_the_codes_of_a_checkpoint():
    spec = AutoGraphBackbone(codes=2, codebooks=1, dropout=0.0)
    backbone, other = backbone_of(spec), backbone_of(spec)
    before = backbone.embeddings()[0]
    state = {name: value.clone() for name, value in other.state_dict().items()}
    state["items.code_NH"] = 1 - state["items.code_NH"]
    backbone.load_state_dict(state)
    assert not torch.equal(backbone.embeddings()[0], before)
    _, _, z = autograph_twin(spec, backbone)
    torch.testing.assert_close(backbone.embeddings()[0], torch.from_numpy(z[:USERS]))
