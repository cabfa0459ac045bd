"""How fast the built-in model reads and writes, by threads and by OpenMP's way of waiting.

Each case runs in a process of its own, for OpenMP reads its settings once; the cases are interleaved, so that what else
the machine does falls on all of them. `--busy N` adds N processes that compute, as agents do. Prints one JSON object.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from lictor.runtime.definition.plan import ModelPlan
from lictor.runtime.inference.model_file import find_model_file
from lictor.runtime.inference.schedule import Row
from lictor.runtime.inference.threads import default_threads, physical_cores

PROMPT = 256
ANSWER = 40


def measure(threads: int, *, copies: bool) -> dict[str, float]:
    """Return tokens per second in this process."""
    from lictor.runtime.inference.llama.context import LlamaContext  # noqa: PLC0415 — loaded where it measures
    from lictor.runtime.inference.llama.fast_copy import cache_folder, load_fastest  # noqa: PLC0415

    file = find_model_file(ModelPlan("model-smollm2", "builtin/smollm2", "llama-cpp"))
    model = load_fastest(file, 0, cache_folder() if copies else None)
    context = LlamaContext(model, slots=1, cells=1024, batch=64, threads=threads)
    tokens = (model.tokenize("The handbook says how to set the clock. " * 60))[:PROMPT]
    begun = time.perf_counter()
    for start in range(0, PROMPT, 64):
        context.decode(
            [Row(tokens[place], place, 0, sampled=place == PROMPT - 1) for place in range(start, start + 64)]
        )
    read = time.perf_counter()
    for place in range(PROMPT, PROMPT + ANSWER):
        context.decode([Row(tokens[place % PROMPT], place, 0, sampled=True)])
    written = time.perf_counter()
    context.close()
    model.close()
    return {"read": PROMPT / (read - begun), "write": ANSWER / (written - read)}


def main() -> None:
    """Measure every case and print the medians."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--busy", type=int, default=0, help="processes that compute meanwhile")
    arguments.add_argument("--one", type=int, default=0, help=argparse.SUPPRESS)
    arguments.add_argument("--as-it-is", action="store_true", help="without the faster copy")
    options = arguments.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, copies=not options.as_it_is)))
        return
    cores = len(os.sched_getaffinity(0))
    cases = [(threads, wait) for threads in sorted({1, 2, cores}) for wait in ("passive", "active")]
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(options.busy)]
    seen: dict[tuple[int, str], list[dict[str, float]]] = {case: [] for case in cases}
    try:
        for _ in range(options.rounds):
            for threads, wait in cases:
                command = [sys.executable, str(Path(__file__)), "--one", str(threads)]
                command += ["--as-it-is"] * options.as_it_is
                done = subprocess.run(
                    command, env={**os.environ, "OMP_WAIT_POLICY": wait}, check=True, capture_output=True, text=True
                )
                seen[threads, wait].append(json.loads(done.stdout))
    finally:
        for process in busy:
            process.kill()
            process.wait()
    medians = [
        {
            "threads": threads,
            "wait": wait,
            **{name: round(statistics.median(run[name] for run in runs), 1) for name in ("read", "write")},
        }
        for (threads, wait), runs in seen.items()
    ]
    print(
        json.dumps(
            {
                "cores": cores,
                "physical": physical_cores(),
                "busy": options.busy,
                "faster_copy": not options.as_it_is,
                "load": round(os.getloadavg()[0], 1),
                "default_threads": default_threads(),
                "rounds": options.rounds,
                "tokens_per_second": medians,
            }
        )
    )


if __name__ == "__main__":
    main()
