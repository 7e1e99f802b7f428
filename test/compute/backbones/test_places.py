"""A test names each missing place of a backbone, and the page on writing a backbone is complete."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from grpc_tools import protoc
from places import CLASSES, PAGE, PROTO, SPEC, missing_places

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "writing-a-backbone.md"
SUPPORT = ROOT / "test" / "support" / "python"

TRAIN = """
import json, pathlib, sys
from checkerboard import checkerboard
from training_setups import Recorder, make_setup, train_spec
from lghrec.v1.backbone_pb2 import Backbone
from lghrec_compute.spec import TrainSpec
from lghrec_compute.training import fit
backbone = {"name": "damped", "damping": 0.3}
policy = {"name": "hgpo", "pool_size": 12}
spec = train_spec(backbone, early_stop={"metric": "recall@2", "patience": 10}, policy=policy)
setup = make_setup(spec)
summary = fit(setup, Recorder(pathlib.Path(sys.argv[1]), spec).hooks)
message = Backbone.DESCRIPTOR.fields_by_name["damped"].message_type
options = [field.name for field in message.fields]
print(json.dumps({"metrics": summary.metrics, "class": type(setup.backbone).__name__, "options": options}))
"""


NO_CASE = f"damped: {PROTO} has no case of this name with its message"


def test_no_backbone_lacks_a_place():
    assert missing_places(ROOT) == []


def blocks(language: str) -> list[str]:
    """Return the code blocks of the page in a language."""
    parts = GUIDE.read_text().split(f"```{language}\n")[1:]
    return [part.partition("```")[0] for part in parts]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sources with the backbone of the page."""
    root = tmp_path_factory.mktemp("repository")
    for folder in (PROTO.parents[2], CLASSES.parents[1]):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / PAGE).parent.mkdir()
    case, message = blocks("proto")
    options, module = blocks("python")
    (row,) = blocks("markdown")
    insert(root / PROTO, before="  }\n}", text=f"    {case}")
    insert(root / PROTO, before=None, text=f"\n{message}")
    insert(root / SPEC, before="AnyBackbone: TypeAlias", text=f"{options}\n\n")
    insert(root / SPEC, before=")\nBackboneSpec =", text="    | DampedBackbone\n")
    (root / CLASSES / "damped.py").write_text(module)
    (root / PAGE).write_text((ROOT / PAGE).read_text())
    insert(root / PAGE, before="\n## Policies", text=row)
    return root


def insert(path: Path, *, before: str | None, text: str) -> None:
    """Insert text before the first occurrence of `before`, or at the end."""
    whole = path.read_text()
    index = len(whole) if before is None else whole.index(before)
    path.write_text(whole[:index] + text + whole[index:])


def test_the_page_names_every_place(repository):
    assert missing_places(repository) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "sentence"),
    [
        (PROTO, "DampedBackbone damped = 12;", "", NO_CASE),
        (PROTO, "message DampedBackbone", "message Other", NO_CASE),
        (SPEC, "    | DampedBackbone\n", "", f"damped: {SPEC} has no class of this name in AnyBackbone"),
        (CLASSES / "damped.py", "Backbone[DampedBackbone]", "Backbone[MfBackbone]",
         f"damped: {CLASSES}/damped.py has no class Backbone[DampedBackbone]"),
        (PAGE, "| `damped` |", "| damped |", f"damped: {PAGE} has no row"),
    ],
)  # fmt: skip
def test_a_forgotten_place_is_named(repository, path, old, new, sentence):
    whole = (repository / path).read_text()
    assert old in whole
    (repository / path).write_text(whole.replace(old, new))
    try:
        assert missing_places(repository) == [sentence]
    finally:
        (repository / path).write_text(whole)


def test_a_forgotten_module_is_named(repository):
    module = repository / CLASSES / "damped.py"
    text = module.read_text()
    module.unlink()
    try:
        assert missing_places(repository) == [f"damped: {CLASSES} has no module damped.py"]
    finally:
        module.write_text(text)


def test_the_backbone_of_the_page_learns_the_checkerboard(repository, tmp_path):
    sources = repository / CLASSES.parents[1]
    proto = repository / PROTO
    arguments = [f"--proto_path={proto.parents[2]}", f"--python_out={sources}", str(proto)]
    assert protoc.main(["protoc", *arguments]) == 0
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(sources), str(SUPPORT)])}
    command = [sys.executable, "-c", TRAIN, str(tmp_path)]
    child = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    result = json.loads(child.stdout.splitlines()[-1])
    assert result["class"] == "Damped"
    assert result["options"] == ["damping", "temperature", "contrast_weight"]
    assert result["metrics"]["recall@2"] >= 0.95
