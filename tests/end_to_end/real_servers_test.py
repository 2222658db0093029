"""The practice chains on servers from Debian: the same findings as on any other server."""

import json

import harness
import real_servers


def scan(program, chains, ports):
    hosts = {chain["id"]: chain["host"] for chain in chains.list}
    options = []
    for name in ports:
        options += ["--resolve", f"{hosts[name]}={harness.ADDRESS}"]
    targets = [f"{hosts[name]}:{port}" for name, port in ports.items()]
    return program.run(
        "scan", *targets, *options, "--catalogue", chains.catalogue, "--time", harness.JUDGED_AT, "--json", "-"
    )


def check_target(checks, label, chain, target, fingerprints):
    checks.equal(f"{label}: findings", harness.codes(target), chain["findings"])
    checks.equal(f"{label}: verdict", target["verdict"], chain["verdict"])
    samples = [sample for endpoint in target["endpoints"] for sample in endpoint["samples"]]
    checks.check(f"{label}: captured", bool(samples) and all(s["outcome"] == "captured" for s in samples), samples)
    checks.check(f"{label}: key proved", all(sample["key_proved"] for sample in samples))
    for sample in samples:
        checks.equal(f"{label}: certificates as served", sample["served"], fingerprints)


def check_server(checks, kind, program, chains, folder, validate):
    name = kind.__name__
    with kind(chains, folder) as ports:
        done = scan(program, chains, ports)
    if not checks.equal(f"{name}: exit code (there are errors among the findings)", done.returncode, 1):
        print(done.stderr.decode(errors="replace"))
        return
    report = json.loads(done.stdout)
    checks.equal(f"{name}: report is valid", validate(report), [])
    by_host = {target["host"]: target for target in report["targets"]}
    for chain in chains.list:
        if chain["id"] in ports:
            label = f"{name}, {chain['id']}"
            if checks.check(f"{label}: in the report", chain["host"] in by_host):
                check_target(checks, label, chain, by_host[chain["host"]], chains.fingerprints(chain["id"]))


def main():
    validate = harness.validator()
    with harness.practice() as (checks, program, chains, folder):
        for kind in real_servers.ALL:
            check_server(checks, kind, program, chains, folder, validate)


main()
