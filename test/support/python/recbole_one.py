"""Time RecBole 1.2.1 in its own environment: `python recbole_one.py LightGCN <work> <epochs> <pairs>`.

The settings are those of this project's side: MovieLens 100k from RecBole's wheel, 64 dimensions, 3 layers,
batches of 2,048, one thread. It prints one line of JSON: seconds per epoch and per evaluation of all users
in full ranking.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from statistics import median

import torch
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, get_trainer, init_seed


def main(model: str, work: str, epochs: int, eval_batch_size: int) -> dict[str, float]:
    """Return the median seconds of an epoch and of an evaluation; the batch of an evaluation counts pairs."""
    import recbole

    torch.set_num_threads(1)
    os.chdir(work)  # RecBole writes a log and checkpoints into the current folder
    settings = {
        "data_path": str(Path(recbole.__file__).parent / "dataset_example"),
        "embedding_size": 64,
        "n_layers": 3,
        "train_batch_size": 2048,
        "eval_batch_size": eval_batch_size,
        "learning_rate": 1e-3,
        "epochs": epochs,
        "use_gpu": False,
        "show_progress": False,
        "state": "ERROR",
        "load_col": {"inter": ["user_id", "item_id"]},
        "eval_args": {"split": {"RS": [8, 1, 1]}, "group_by": "user", "order": "RO", "mode": "full"},
        "metrics": ["Recall", "NDCG"],
        "topk": [10, 20],
        "valid_metric": "NDCG@20",
    }
    sys.argv = sys.argv[:1]  # RecBole's configuration reads the command line
    config = Config(model=model, dataset="ml-100k", config_dict=settings)
    init_seed(0, True)
    dataset = create_dataset(config)
    train, valid, _ = data_preparation(config, dataset)
    net = get_model(model)(config, train.dataset).to("cpu")
    trainer = get_trainer(config["MODEL_TYPE"], model)(config, net)
    trainer.tot_item_num = dataset.item_num
    trainer.eval_collector.data_collect(train)
    seconds, evaluations = [], []
    for epoch in range(epochs + 1):
        started = time.perf_counter()
        trainer._train_epoch(train, epoch)
        seconds.append(time.perf_counter() - started)
    for _ in range(3):
        started = time.perf_counter()
        trainer._valid_epoch(valid)
        evaluations.append(time.perf_counter() - started)
    return {"epoch_seconds": median(seconds[1:]), "evaluation_seconds": median(evaluations[1:])}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
