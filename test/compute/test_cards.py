from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lghrec_compute.cards import CARDS_FILE, INDEX_FILE, read_card, write_cards
from lghrec_compute.errors import IntegrityError, NotFoundError

NAMES = sorted(
    ["", "a", "a b", "b/c", "z", "é", "日本", "😀", *(f"i{number}" for number in range(50))], key=str.encode
)
CARDS = [{"item": name, "text": f"text of {name}\n" * (number % 4)} for number, name in enumerate(NAMES)]


def test_every_card_is_found_by_its_external_id(tmp_path: Path) -> None:
    write_cards(tmp_path, CARDS)
    assert [read_card(tmp_path, card["item"]) for card in CARDS] == CARDS


@pytest.mark.parametrize("item", ["A", "aa", "i500", "zz", "\ud800", "😁"])
def test_an_unknown_item_is_not_found(tmp_path: Path, item: str) -> None:
    write_cards(tmp_path, CARDS)
    with pytest.raises(NotFoundError, match="no item") as error:
        read_card(tmp_path, item)
    assert error.value.reason == "ITEM_UNKNOWN"


@pytest.mark.parametrize("num", [0, 1, 2, 3])
def test_few_cards_work_too(tmp_path: Path, num: int) -> None:
    write_cards(tmp_path, CARDS[:num])
    assert [read_card(tmp_path, card["item"]) for card in CARDS[:num]] == CARDS[:num]
    with pytest.raises(NotFoundError):
        read_card(tmp_path, "zzz")


def test_an_artifact_without_cards_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="have no item cards"):
        read_card(tmp_path, "a")


def test_files_that_do_not_fit_each_other_are_seen(tmp_path: Path) -> None:
    write_cards(tmp_path, CARDS)
    lines = (tmp_path / CARDS_FILE).read_bytes()
    (tmp_path / CARDS_FILE).write_bytes(lines[7:])
    with pytest.raises(IntegrityError, match="cannot be read"):
        read_card(tmp_path, "i20")


def test_equal_cards_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        write_cards(tmp_path / name, ({**card} for card in CARDS))
    for file in (CARDS_FILE, INDEX_FILE):
        assert (tmp_path / "1" / file).read_bytes() == (tmp_path / "2" / file).read_bytes()
    # an offset of 8 bytes for each card, and the end
    assert (tmp_path / "1" / INDEX_FILE).stat().st_size == 8 * (len(CARDS) + 1)


def test_the_reader_loads_nothing_heavy() -> None:
    code = (
        "import sys, lghrec_compute.cards, lghrec_compute.endpoints, lghrec_compute.net; "
        "print(sorted({'torch', 'numpy', 'pyarrow', 'httpx', 'grpc'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
