from __future__ import annotations

import resource
import subprocess
import sys

_PROGRAM = """
import resource, sys
from lghrec_compute.worker.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
import numpy as np
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(40_000_000 // 8)
before = faults()
for _ in range(20):
    np.ones(40_000_000 // 8)  # 40 MB, more than glibc ever keeps by itself
print(faults() - before)
"""


def faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", _PROGRAM, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_freed_memory_of_a_step_stays_with_the_process():
    pages = 40_000_000 // resource.getpagesize()
    # huge pages fault less often, so only the proportion is sure
    assert faults("kept") < 0.1 * max(faults("plain"), pages // 512)
