"""`info_nce` of every kind of task compared with loops in plain Python, and what it must not depend on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lghrec_compute.objectives import Contrast, Form, LossRows, Pool, Positives, info_nce, pooled

B, N, D = 4, 6, 3

FORMS = {
    "cosine": Form(0.4),
    "dot": Form(0.4, similarity="dot"),
    "in": Form(0.4, positive_reduction="log_mean"),
    "epsilon": Form(0.4, positive_reduction="log_mean", epsilon=0.05),
    "square": Form(0.4, kernel="exp_square"),
    "global": Form(0.4, kernel="exp_square", denominator="global"),
    "global-plain": Form(0.4, denominator="global"),
    "clamp": Form(0.1, similarity="dot", positive_clamp=5.0),
}
forms = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
where = pytest.mark.parametrize("outside", [False, True], ids=["in-pool", "vectors"])
acting = pytest.mark.parametrize("acts", [False, True], ids=["native", "selected"])


def random_of(seed):
    random = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    return random, normal


def make(form, *, outside=False, owned=False, partner=False, weighted=False, forbidding=False, seed=0):
    """Return a task. With `owned` the anchors have 2, 1, 3 and 1 rows of the loss."""
    random, normal = random_of(seed)
    anchor_Q = torch.tensor([0, 1, 2, 3, 0, 2, 2])
    loss_rows = LossRows(normal(len(anchor_Q), D), anchor_Q) if owned else None
    row_P = torch.arange(len(anchor_Q)) if owned else anchor_Q
    candidate_P = torch.randint(0, N, (len(row_P),), generator=random)
    if not owned:  # the positives of a row are distinct candidates
        candidate_P = torch.tensor([0, 2, 5, 1, 3, 4, 0])
    pool = Pool(
        normal(N, D),
        torch.arange(N) + B,
        partner_ND=normal(N, D) if partner else None,
        excluded_BN=torch.rand(B, N, generator=random) < 0.3 if forbidding else None,
        weight_N=1 + torch.rand(N, generator=random, dtype=torch.float64) if weighted else None,
    )
    if outside:
        positives = Positives(
            row_P, vector_PD=normal(len(row_P), D), partner_PD=normal(len(row_P), D) if partner else None
        )
    else:
        positives = Positives(row_P, candidate_P)
    weight_B = 1 + torch.rand(B, generator=random, dtype=torch.float64) if weighted else None
    return Contrast(
        normal(B, D), torch.arange(B), pool, positives, form, 1.0, loss_rows, anchor_weight_B=weight_B
    )


def action(seed=1):
    random, normal = random_of(seed)
    return {
        "negative_BN": torch.rand(B, N, generator=random) < 0.5,
        "temperature_B": 0.3 + torch.rand(B, generator=random, dtype=torch.float64),
        "log_weight_BN": normal(B, N),
    }


class Twin:
    """Compute the loss with loops."""

    def __init__(self, task, negative_BN=None, temperature_B=None, log_weight_BN=None):
        self.task, self.form = task, task.form
        self.negative, self.temperature, self.log_weight = negative_BN, temperature_B, log_weight_BN
        num_anchors = len(task.anchor_BD)
        self.rows = (task.anchor_BD if task.loss_rows is None else task.loss_rows.vector_QD).detach().numpy()
        self.owner = list(range(num_anchors)) if task.loss_rows is None else task.loss_rows.anchor_Q.tolist()
        self.pairs = list(enumerate(task.positives.row_P.tolist()))

    def similarity(self, a, b):
        dot = float(a @ b)
        return dot if self.form.similarity == "dot" else dot / np.linalg.norm(a) / np.linalg.norm(b)

    def along(self, row, partner):
        """Return the product of the partner, which is not normalized, and the row, normalized as the form
        says."""
        scale = 1.0 if self.form.similarity == "dot" else np.linalg.norm(row)
        return float(row @ partner) / scale

    def tau(self, row):
        return self.form.temperature if self.temperature is None else self.temperature[self.owner[row]].item()

    def kernel(self, s, row):
        one = np.exp(s / self.tau(row))
        return one + np.exp(s * s / self.tau(row)) if self.form.kernel == "exp_square" else one

    def inside(self, anchor):
        index_P = self.task.positives.candidate_P
        if index_P is None:
            return set()
        return {index_P[p].item() for p, row in self.pairs if self.owner[row] == anchor}

    def total(self, row):
        task, anchor, vector = self.task, self.owner[row], self.rows[row]
        total = 0.0
        for n in range(N):
            positive = n in self.inside(anchor)
            excluded = task.pool.excluded_BN is not None and bool(task.pool.excluded_BN[anchor, n])
            chosen = self.negative is None or bool(self.negative[anchor, n])
            if not positive and (excluded or not chosen):
                continue
            weight = 1.0 if task.pool.weight_N is None else task.pool.weight_N[n].item()
            if self.log_weight is not None and not positive:
                weight *= np.exp(self.log_weight[anchor, n].item())
            s = self.similarity(vector, task.pool.candidate_ND[n].detach().numpy())
            if task.pool.partner_ND is not None:
                s += self.along(vector, task.pool.partner_ND[n].numpy())
            total += weight * self.kernel(s, row)
        if task.positives.vector_PD is not None:
            for p, _ in (pair for pair in self.pairs if pair[1] == row):
                s = self.similarity(vector, task.positives.vector_PD[p].detach().numpy())
                if task.positives.partner_PD is not None:
                    s += self.along(vector, task.positives.partner_PD[p].numpy())
                total += self.kernel(s, row)
        return total

    def gain(self, p, row):
        positives = self.task.positives
        if positives.vector_PD is not None:
            other = positives.vector_PD[p]
        else:
            other = self.task.pool.candidate_ND[positives.candidate_P[p]]
        s = self.similarity(self.rows[row], other.detach().numpy())
        clamp = self.form.positive_clamp
        if clamp is not None and abs(s / self.form.temperature) > clamp:
            return np.exp(np.clip(s / self.form.temperature, -clamp, clamp))
        return self.kernel(s, row)

    def loss(self):
        totals = [self.total(row) for row in range(len(self.rows))]
        if self.form.denominator == "global":
            weights = np.ones(B) if self.task.anchor_weight_B is None else self.task.anchor_weight_B.numpy()
            totals = [float(np.dot(weights, totals)) / (B * N)] * len(totals)
        shares = {}
        for p, row in self.pairs:
            of_anchor = self.owner[row] if self.form.positive_reduction == "log_mean" else p
            shares.setdefault(of_anchor, []).append(self.gain(p, row) / totals[row])
        return -np.mean([np.log(np.mean(group) + self.form.epsilon) for group in shares.values()])


@forms
@where
@acting
@pytest.mark.parametrize("partner", [False, True], ids=["nodes", "pairs"])
def test_loss_equals_its_twin(form, outside, acts, partner):
    task = make(form, outside=outside, partner=partner, forbidding=acts)
    chosen = action() if acts else {}
    assert info_nce(task, **chosen).item() == pytest.approx(Twin(task, **chosen).loss(), rel=1e-11)


@where
@acting
@pytest.mark.parametrize("positive_reduction", ["mean_log", "log_mean"])
def test_loss_of_rows_that_are_not_the_anchors_equals_its_twin(outside, acts, positive_reduction):
    task = make(
        Form(0.4, positive_reduction=positive_reduction), outside=outside, owned=True, forbidding=acts
    )
    chosen = action() if acts else {}
    assert info_nce(task, **chosen).item() == pytest.approx(Twin(task, **chosen).loss(), rel=1e-11)


@where
@acting
@pytest.mark.parametrize("name", ["square", "global", "cosine"])
def test_loss_of_counted_candidates_and_anchors_equals_its_twin(name, outside, acts):
    task = make(FORMS[name], outside=outside, weighted=True)
    chosen = action() if acts else {}
    assert info_nce(task, **chosen).item() == pytest.approx(Twin(task, **chosen).loss(), rel=1e-11)


@forms
def test_weight_of_a_column_broadcasts(form):
    task, chosen = make(form), action()
    chosen["log_weight_BN"] = chosen["log_weight_BN"][:, :1]
    whole = {**chosen, "log_weight_BN": chosen["log_weight_BN"].expand(B, N)}
    torch.testing.assert_close(info_nce(task, **chosen), info_nce(task, **whole), rtol=1e-13, atol=0)


@forms
@where
def test_choosing_all_at_the_own_temperature_is_the_published_loss(form, outside):
    task = make(form, outside=outside, weighted=True)
    everything = info_nce(
        task,
        negative_BN=torch.ones(B, N, dtype=torch.bool),
        temperature_B=torch.full((B,), form.temperature, dtype=torch.float64),
        log_weight_BN=torch.zeros(B, 1, dtype=torch.float64),
    )
    torch.testing.assert_close(everything, info_nce(task), rtol=1e-12, atol=0)


@forms
def test_selection_is_left_as_it_was(form):
    task, chosen = make(form, forbidding=True), action()
    before = {name: value.clone() for name, value in chosen.items()}
    info_nce(task, **chosen)
    for name, value in before.items():
        assert torch.equal(chosen[name], value), name


@forms
@where
def test_order_of_candidates_and_size_of_tiles_do_not_matter(form, outside, monkeypatch):
    task = make(form, outside=outside, forbidding=True)
    order_N = torch.tensor([4, 0, 5, 2, 1, 3])
    pool = replace(
        task.pool,
        candidate_ND=task.pool.candidate_ND[order_N],
        excluded_BN=task.pool.excluded_BN[:, order_N],
    )
    positives = task.positives
    if not outside:
        positives = replace(positives, candidate_P=torch.argsort(order_N)[positives.candidate_P])
    before = info_nce(task)
    monkeypatch.setattr(pooled, "_TILE", {"cpu": 1})
    turned = info_nce(replace(task, pool=pool, positives=positives))
    torch.testing.assert_close(turned, before, rtol=1e-12, atol=0)


@forms
@where
@acting
def test_gradient_equals_finite_differences(form, outside, acts):
    task, chosen = make(form, outside=outside, forbidding=acts), action() if acts else {}
    leaves = [task.anchor_BD, task.pool.candidate_ND]
    if outside:
        leaves.append(task.positives.vector_PD)

    def loss(anchor_BD, candidate_ND, *vector_PD):
        pool = replace(task.pool, candidate_ND=candidate_ND)
        positives = replace(task.positives, vector_PD=vector_PD[0]) if vector_PD else task.positives
        return info_nce(replace(task, anchor_BD=anchor_BD, pool=pool, positives=positives), **chosen)

    assert torch.autograd.gradcheck(loss, [leaf.requires_grad_() for leaf in leaves])


@forms
@where
def test_similarities_of_a_thousand_temperatures_give_finite_gradients(form, outside):
    task = make(replace(form, similarity="dot", temperature=1e-3), outside=outside)
    anchor_BD = task.anchor_BD.float().requires_grad_()
    candidate_ND = task.pool.candidate_ND.float().requires_grad_()
    positives = task.positives
    if outside:
        positives = replace(positives, vector_PD=positives.vector_PD.float())
    pool = replace(task.pool, candidate_ND=candidate_ND)
    loss = info_nce(replace(task, anchor_BD=anchor_BD, pool=pool, positives=positives))
    loss.backward()
    assert ((anchor_BD @ candidate_ND.T) / 1e-3).abs().max() > 1000
    for tensor in (loss, anchor_BD.grad, candidate_ND.grad):
        assert torch.isfinite(tensor).all()


def test_clamped_positive_pulls_no_more_and_still_pushes_as_a_candidate():
    # s / tau = 10 > 5: the numerator is constant; only the positive's term in the denominator has a gradient
    form = Form(0.1, similarity="dot", positive_clamp=5.0)
    anchor_BD = torch.tensor([[1.0, 0.0]], dtype=torch.float64, requires_grad=True)
    pool = Pool(torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64), torch.arange(2))
    task = Contrast(
        anchor_BD, torch.arange(1), pool, Positives(torch.tensor([0]), torch.tensor([0])), form, 1.0
    )
    loss = info_nce(task)
    loss.backward()
    share = np.exp(10) / (np.exp(10) + 1)
    assert loss.item() == pytest.approx(np.log(np.exp(10) + 1) - 5)
    assert anchor_BD.grad[0].tolist() == pytest.approx([share / 0.1, (1 - share) / 0.1])


def test_anchor_without_a_chosen_negative_has_no_loss_and_no_nan():
    task = make(Form(0.2), outside=True)
    anchor_BD = task.anchor_BD.requires_grad_()
    one_each = replace(task.positives, row_P=torch.arange(B), vector_PD=task.positives.vector_PD[:B])
    loss = info_nce(replace(task, positives=one_each), negative_BN=torch.zeros(B, N, dtype=torch.bool))
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-14)
    assert anchor_BD.grad.abs().max().item() == pytest.approx(0, abs=1e-14)
