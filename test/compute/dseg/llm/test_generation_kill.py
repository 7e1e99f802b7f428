"""A job over many texts, killed with signal 9 at random points: nothing is paid for twice.

LGHREC_KILL_POINTS and LGHREC_KILL_ITEMS make it as large as a benchmark wants it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from openai_server import OpenAiServer
from texts import keys, numbered_requests

from lghrec_compute.dseg.llm.cache import GROUP_SIZE, Cache
from lghrec_compute.dseg.llm.generation_loop import GenerationLoop
from lghrec_compute.dseg.llm.providers.openai_http import OpenAiHttp
from lghrec_compute.dseg.text.outcome import Outcome
from lghrec_compute.endpoints import Endpoint
from lghrec_compute.spec.semantic import GenerationSpec

KILL_POINTS = int(os.environ.get("LGHREC_KILL_POINTS", "4"))
NUM_ITEMS = int(os.environ.get("LGHREC_KILL_ITEMS", "600"))
IN_FLIGHT = 16


def plan(_number: int, body: dict[str, object]) -> str | None:
    """The first answer of every eleventh text is cut; the choice depends only on the text."""
    digest = hashlib.sha256(json.dumps(body["messages"]).encode()).digest()
    return "truncated" if digest[0] % 11 == 0 and body["seed"] == 0 else None


async def job(url: str, path: Path) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    cache = Cache(path)
    provider = OpenAiHttp(
        Endpoint(name="house", url=url, model="tiny", allow_loopback=True), in_flight=IN_FLIGHT
    )
    generation = GenerationLoop(provider, cache, GenerationSpec(max_in_flight=IN_FLIGHT))
    await generation.run(
        keys(NUM_ITEMS), numbered_requests(), lambda outcome: outcomes.update({outcome.key: outcome})
    )
    await provider.aclose()
    cache.close()
    return outcomes


def digest(outcomes: dict[str, Outcome]) -> str:
    """Return the digest of everything that an artifact would contain."""
    rows = [
        (key, outcomes[key].status, str(outcomes[key].reasoning), outcomes[key].attempts)
        for key in sorted(outcomes)
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def start(url: str, path: Path) -> subprocess.Popen[bytes]:
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[3] / "support" / "python")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*folders, *sys.path])}
    return subprocess.Popen([sys.executable, __file__, url, str(path)], env=environment)


def test_a_job_that_is_killed_again_and_again_pays_for_each_text_once(tmp_path: Path) -> None:
    source = random.Random(KILL_POINTS)
    with OpenAiServer(plan, latency_s=0.01) as server:
        unbroken = asyncio.run(job(server.url, tmp_path / "unbroken.sqlite"))
        paid_unbroken = len(server.bodies)
        server.bodies.clear()
        path = tmp_path / "c.sqlite"
        for point in range(1, KILL_POINTS + 1):
            child = start(server.url, path)
            target = min(
                paid_unbroken - 50, len(server.bodies) + source.randrange(1, 2 * NUM_ITEMS // KILL_POINTS)
            )
            while len(server.bodies) < target and child.poll() is None:
                time.sleep(0.005)
            child.send_signal(signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL, point
        resumed = asyncio.run(job(server.url, path))
    assert digest(resumed) == digest(unbroken)
    assert Counter(outcome.status for outcome in resumed.values()) == {"ok": NUM_ITEMS}
    # a kill loses what is not committed: one group, and the current calls
    assert len(server.bodies) - paid_unbroken <= KILL_POINTS * (GROUP_SIZE + IN_FLIGHT)
    requested = Counter((str(body["messages"]), body["seed"]) for body in server.bodies)
    twice = sum(count - 1 for count in requested.values())
    assert len(server.bodies) - twice == paid_unbroken
    assert twice <= KILL_POINTS * (GROUP_SIZE + IN_FLIGHT)


if __name__ == "__main__":
    asyncio.run(job(sys.argv[1], Path(sys.argv[2])))
