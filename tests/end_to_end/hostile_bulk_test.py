"""Two thousand targets at once, half of them hostile: over in time, in bounded memory, every good one judged right."""

import json
import resource
import time
from pathlib import Path

import harness
import hostile_servers
from hostile_servers import CHEAP, COSTLY

COUNT = 2000
COSTLY_EACH = 10
HANDSHAKE_TIMEOUT = 15
TARGET_TIMEOUT = 18
MARGIN = 12  # the machine may be busy with other things
# As README.md says: 55 kB a connection in flight, two megabytes for a list near the limit, 50 for everything else.
MOST_MB = 55 * COUNT / 1000 + 2 * COSTLY_EACH + 50


def plan():
    """(address, behaviour, expected findings) of each target; every other one is good."""
    costly = [pair for pair in COSTLY.items() for _ in range(COSTLY_EACH)]
    cheap = list(CHEAP.items())
    hostile = costly + [cheap[i % len(cheap)] for i in range(COUNT // 2 - len(costly))]
    for index in range(COUNT):
        address = f"127.91.{index // 200}.{index % 200 + 1}"
        yield (address, None, None) if index % 2 == 0 else (address, *hostile[index // 2])


def check_target(checks, target, behaviour, findings, served):
    sample = target["endpoints"][0]["samples"][0]
    name = f"{behaviour.__name__ if behaviour else 'good'}, {target['target']}"
    checks.equal(f"{name}: findings", harness.codes(target), findings)
    if behaviour is None:
        checks.equal(f"{name}: served", (sample["outcome"], sample["served"]), ("captured", served))
    elif behaviour is hostile_servers.nearly_a_megabyte:
        checks.equal(f"{name}: outcome", (sample["outcome"], sample["key_proved"]), ("partial", False))
        checks.check(f"{name}: the whole list", len(sample["served"]) > 500, len(sample["served"]))
    else:
        checks.equal(f"{name}: outcome", (sample["outcome"], sample["served"]), ("failed", []))


def main():
    path, tool = harness.arguments()
    checks = harness.Checks()
    _, most_descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_descriptors, most_descriptors))
    planned = list(plan())
    with harness.temporary_folder() as name:
        folder = Path(name)
        chains = harness.PracticeChains(tool, folder / "practice")
        program = harness.Program(path, chains.machine_store)
        port = harness.free_ports(1, planned[0][0])[0]
        targets = [f"new-right.practice.test@{address}:{port}" for address, *_ in planned]
        (folder / "targets.txt").write_text("\n".join(targets) + "\n")
        files = chains.file("new-right"), chains.file("new-right", "key.pem")
        with hostile_servers.Servers([each[:2] for each in planned], port, *files):
            began = time.monotonic()
            done = program.run(
                "scan", "--targets", folder / "targets.txt", "--catalogue", chains.catalogue, "--time", harness.JUDGED_AT,
                "--concurrency", COUNT, "--handshake-timeout", HANDSHAKE_TIMEOUT, "--target-timeout", TARGET_TIMEOUT,
                "--jsonl", "-", timeout=TARGET_TIMEOUT + 200,
            )  # fmt: skip
            took = time.monotonic() - began
        right = next(chain["findings"] for chain in chains.list if chain["id"] == "new-right")
        served = chains.fingerprints("new-right")
    # Of the largest child, which is the program: an upper bound.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{took:.1f} s, {peak:.0f} MB")
    checks.check("over within the target timeout and a margin", took < TARGET_TIMEOUT + MARGIN, f"{took:.1f} s")
    checks.check("memory is bounded", peak < MOST_MB, f"{peak:.0f} MB, more than {MOST_MB:.0f}")
    checks.equal("exit code", done.returncode, 1)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    found = {target["target"]: target for target in reports}
    checks.equal("a line for each", sorted(target["target"] for target in reports), sorted(targets))
    for text, (_, behaviour, findings) in zip(targets, planned):
        if text in found:
            check_target(checks, found[text], behaviour, right if behaviour is None else findings, served)
    checks.finish()


main()
