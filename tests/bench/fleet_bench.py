"""What bulk capture costs, beside other programs that fetch chains: ./dev bench

Programs take turns in rounds, because on a machine that others use too only what ran at the same time can be compared.
Processor time is the client's alone; the servers are one process of their own on loopback.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure
from measure import Failed, Fleet, Goals, addresses, spread, table

SECTIONS = ["ec", "rsa", "judging", "inspect", "in-flight"]
PROFILES = {"ec": "ec4", "rsa": "rsa4"}
CONCURRENCY = 100
INSPECT_RUNS = 50
IN_FLIGHT = 10_000


class Bench:
    def __init__(self, build, options, scratch):
        self.options, self.scratch = options, scratch
        self.program = build / "chaintier"
        self.tools = build / "tests" / "bench"
        self.certificates = self.tools / "certificates"
        self.goals = Goals()
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(scratch), "LC_ALL": "C.UTF-8"}

    def prepare(self):
        leaves = max(self.options.targets, 1000)
        made = self.certificates / "made"
        # A leaf lives a hundred days and a staple seven; made anew after three.
        wanted = f"{leaves} {' '.join(PROFILES.values())}"
        fresh = made.exists() and time.time() - made.stat().st_mtime < 3 * 86400
        if not fresh or made.read_text() != wanted:
            print(f"making {leaves} leaf certificates for each profile", flush=True)
            subprocess.run(
                [self.tools / "fleet_certificates", self.certificates, str(leaves), *PROFILES.values()], check=True
            )
            made.write_text(wanted)
        self.goscan = self.tools / "goscan"
        source = Path(__file__).with_name("goscan.go")
        if not self.goscan.exists() or self.goscan.stat().st_mtime < source.stat().st_mtime:
            environment = {**self.environment, "GOCACHE": str(self.tools / "go-cache"), "GO111MODULE": "off"}
            subprocess.run(["go", "build", "-o", self.goscan, source], check=True, env=environment)

    def catalogue(self, profile):
        """The fleet's CA as --catalogue wants it, so that every chain is judged as far as its root."""
        folder = self.scratch / f"catalogue-{profile}"
        folder.mkdir(exist_ok=True)
        shutil.copy(self.certificates / profile / "root.pem", folder / "root.pem")
        blocks = (self.certificates / profile / "chain.pem").read_text().split("-----BEGIN")[1:]
        for number, block in enumerate(blocks):
            (folder / f"intermediate-{number}.pem").write_text("-----BEGIN" + block)
        return folder

    # -- peers: each writes its input into a file, and gives a command and how many of its answers hold a chain

    def chaintier(self, fleet, targets, profile):
        list_file, out = self.scratch / "chaintier.txt", self.scratch / "chaintier.jsonl"
        list_file.write_text("".join(f"{host}@{address}:{port}\n" for host, address, port, _ in targets))
        command = [
            self.program, "scan", "--targets", list_file, "--jsonl", "-", "--no-aia", "--concurrency", CONCURRENCY,
            "--catalogue", self.catalogue(profile), "--trust", self.certificates / profile / "root.pem",
            "--progress", "never",
        ]  # fmt: skip
        return command, out, lambda: sum('"outcome":"captured"' in line for line in open(out))

    def run_goscan(self, fleet, targets, profile):
        list_file, out = self.scratch / "goscan.txt", self.scratch / "goscan.jsonl"
        list_file.write_text("".join(" ".join(target) + "\n" for target in targets))
        command = [self.goscan, list_file, CONCURRENCY]
        return command, out, lambda: sum('"Error"' not in line for line in open(out))

    def xargs(self, name, targets, line, command, mark):
        """One process a target, eight at a time."""
        list_file, out = self.scratch / f"{name}.txt", self.scratch / f"{name}.out"
        list_file.write_text("".join(line(*target[:3]) + "\n" for target in targets))
        return ["xargs", "-a", list_file, "-P8", "-L1", *command], out, lambda: out.read_bytes().count(mark)

    def s_client(self, fleet, targets, profile):
        # Reading the machine's roots anew for each target would cost it five times the handshake.
        no_store = ["-no-CAfile", "-no-CApath", "-no-CAstore"]
        return self.xargs(
            "s_client", targets, lambda host, address, port: f"-connect {address}:{port} -servername {host}",
            ["openssl", "s_client", "-showcerts", "-status", *no_store], b"\nCertificate chain\n",
        )  # fmt: skip

    def sslscan(self, fleet, targets, profile):
        off = ["ciphersuites", "compression", "fallback", "groups", "heartbleed", "renegotiation"]
        return self.xargs(
            "sslscan", targets, lambda host, address, port: f"--sni-name={host} {address}:{port}",
            ["sslscan", "--show-certificate", "--ocsp", "--no-colour", *[f"--no-{each}" for each in off]],
            b"BEGIN CERTIFICATE",
        )  # fmt: skip

    def curl(self, fleet, targets, profile):
        list_file, out = self.scratch / "curl.txt", self.scratch / "curl.out"
        with open(list_file, "w") as file:
            file.write("parallel\nparallel-max = 100\ninsecure\nsilent\ncert-status = false\n")
            for host, address, port, _ in targets:
                file.write(f'url = "https://{host}:{port}/"\noutput = "/dev/null"\nresolve = "{host}:{port}:{address}"\n')
            file.write('write-out = "%{certs}"\n')
        command = ["curl", "-Z", "--config", list_file]
        leaves = {host.encode() for host, *_ in targets}
        return command, out, lambda: sum(b"Subject:CN = " + host in out.read_bytes() for host in leaves)

    def peers(self):
        """Name, how to run it, and its share of the targets: those with a process for each are slow."""
        return [
            ("chaintier", self.chaintier, 1),
            ("goscan", self.run_goscan, 1),
            ("openssl s_client, xargs -P8", self.s_client, 0.1),
            ("sslscan, xargs -P8", self.sslscan, 0.05),
            ("curl -Z", self.curl, 0.25),
        ]

    def compare(self, section):
        profile, count = PROFILES[section], self.options.targets
        costs = {name: [] for name, *_ in self.peers()}
        chosen = {name: max(10, int(count * share)) for name, _, share in self.peers()}
        listen = [addresses(1, count, measure.free_port())]
        tls_fleet = self.tools / "tls_fleet"
        with Fleet(tls_fleet, self.scratch, self.certificates, profile, listen, "--tls13") as fleet:
            for turn in range(self.options.rounds):
                order = self.peers()
                for name, begin, _ in order[turn % len(order) :] + order[: turn % len(order)]:
                    command, out, answered = begin(fleet, fleet.targets[: chosen[name]], profile)
                    cost = measure.run(command, out, self.environment)
                    right = answered()
                    if right != chosen[name]:
                        errors = measure.tail(out.with_suffix(".errors"))
                        raise Failed(f"{name} brought {right} chains of {chosen[name]}: {errors}")
                    costs[name].append(cost)
        title = f"{profile}, TLS 1.3, leaf and two intermediates served, {self.options.rounds} rounds (min / median / max)"
        self.show_costs(title, costs, chosen)
        self.judge_costs(section, costs, chosen)
        self.compare_with_floor(section, costs["chaintier"], count)

    def show_costs(self, title, costs, chosen):
        print(title)
        rows = []
        for name, each in costs.items():
            count = chosen[name]
            rows.append([
                name, count, spread([1000 * cost.cpu_s / count for cost in each], 3),
                spread([count / cost.wall_s for cost in each], 0), f"{max(cost.rss_kb for cost in each) / 1024:.0f}",
            ])  # fmt: skip
        table(["program", "targets", "client CPU ms a target", "targets a second", "peak MB"], rows)

    def judge_costs(self, section, costs, chosen):
        def ratio(of, peer):
            """Of what ran in the same round."""
            return statistics.median(of(ours, "chaintier") / of(theirs, peer)
                                     for ours, theirs in zip(costs["chaintier"], costs[peer]))  # fmt: skip

        def cpu(cost, name):
            return cost.cpu_s / chosen[name]

        def rate(cost, name):
            return chosen[name] / cost.wall_s

        go_limit = {"ec": 1.0, "rsa": 0.9}[section]
        s_client = "openssl s_client, xargs -P8"
        self.goals.add(f"{section}: CPU against goscan", ratio(cpu, "goscan"), go_limit, 0.6, " x")
        self.goals.add(f"{section}: CPU against s_client", ratio(cpu, s_client), 0.1, 0.05, " x", digits=3)
        self.goals.add(f"{section}: targets a second against goscan", ratio(rate, "goscan"), 1, 2, " x", least=True)

    def compare_with_floor(self, section, costs, count):
        """What no client can do without: the cryptography of a handshake and its system calls."""
        floors = []
        for _ in range(self.options.rounds):
            out = self.scratch / "floor.out"
            measure.run([self.tools / "floor_bench"], out, self.environment)
            ec, rsa, calls = [float(number) for number in re.findall(r"([0-9.]+) us", out.read_text())]
            floors.append({"ec": ec, "rsa": rsa}[section] + calls)
        floor = statistics.median(floors)
        print(f"the least that a handshake costs here, cryptography and system calls: {spread(floors, 0)} us\n", flush=True)
        each = statistics.median(1e6 * cost.cpu_s / count for cost in costs)
        self.goals.add(f"{section}: CPU against that least", each / floor, 2.5, 1.5, " x")

    # -- single costs

    def judging(self):
        found = []
        for _ in range(self.options.rounds):
            out = self.scratch / "judge.out"
            measure.run([self.tools / "judge_bench"], out, self.environment)
            found.append([float(number) for number in re.findall(r"([0-9.]+) us", out.read_text())])
        new_leaf, known = (list(values) for values in zip(*found))
        print("judging without a network (min / median / max)")
        table(["what", "CPU us"], [["a new leaf under known intermediates", spread(new_leaf, 1)],
                                   ["a chain seen before", spread(known, 1)]])  # fmt: skip
        self.goals.add("judging a new leaf", statistics.median(new_leaf), 100, 40, " us", digits=1)
        self.goals.add("judging a chain seen before", statistics.median(known), 5, 2, " us", digits=1)

    def inspect(self):
        profile = self.certificates / "ec4"
        leaf = (profile / "leaves.pem").read_text().split("-----END CERTIFICATE-----")[0]
        served = self.scratch / "served.pem"
        served.write_text(leaf + "-----END CERTIFICATE-----\n" + (profile / "chain.pem").read_text())
        command, out = [self.program, "inspect", "--served", served], self.scratch / "inspect.out"
        costs = [measure.run(command, out, self.environment, peak=False) for _ in range(INSPECT_RUNS)]
        peak_mb = measure.run(command, out, self.environment).rss_kb / 1024
        cpu = [1000 * cost.cpu_s for cost in costs]
        print(f"inspect of one chain, whole process, {INSPECT_RUNS} runs (min / median / max)")
        wall = [1000 * cost.wall_s for cost in costs]
        table(["what", "CPU ms", "wall ms", "peak MB"],
              [["inspect --served", spread(cpu, 1), spread(wall, 1), f"{peak_mb:.1f}"]])  # fmt: skip
        self.goals.add("inspect of one chain", statistics.median(cpu), 15, 8, " ms", digits=1)

    # -- ten thousand at once

    def in_flight(self):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        room = hard - 1200  # the fleet listens at a thousand addresses besides
        connections = min(IN_FLIGHT, room // 1000 * 1000)
        if connections < 1000:
            print(f"in flight: skipped, {hard} open files are allowed here (ulimit -Hn) and 2200 are the least\n")
            return
        each = connections // 1000
        rows, worst = [], 0
        for what, fault, outcome in [
            ("answer after 4 s", "delay:1:4000", "captured"),
            ("never answer", "stall:1", "failed"),
        ]:
            listen = [addresses(2, 1000, measure.free_port())]
            tls_fleet = self.tools / "tls_fleet"
            with Fleet(tls_fleet, self.scratch, self.certificates, "ec4", listen, "--fault", fault) as fleet:
                command, out, _ = self.chaintier(fleet, fleet.targets, "ec4")
                command[command.index("--concurrency") + 1] = connections
                command += ["--samples", each, "--per-address", each, "--handshake-timeout", 60 if outcome == "captured" else 6]
                cost = measure.run(command, out, self.environment)
            outcomes = [sample["outcome"] for line in open(out)
                        for endpoint in json.loads(line)["endpoints"] for sample in endpoint["samples"]]  # fmt: skip
            if outcomes != [outcome] * connections:
                counts = {one: outcomes.count(one) for one in set(outcomes)}
                raise Failed(f"in flight, servers that {what}: {counts}, not {connections} {outcome}")
            kb = cost.rss_kb / connections
            worst = max(worst, kb)
            rows.append([what, len(outcomes), f"{cost.wall_s:.1f}", f"{1000 * cost.cpu_s / connections:.3f}",
                         f"{cost.rss_kb / 1024:.0f}", f"{kb:.1f}"])  # fmt: skip
        print(f"{connections} connections in flight: 1000 servers x {each}")
        table(["servers", "right results", "wall s", "CPU ms each", "peak MB", "kB each"], rows)
        self.goals.add(f"memory a connection, {connections} in flight", worst, 55, 30, " kB", digits=1)
        self.goals.add("memory for 10,000 in flight", worst * IN_FLIGHT / 1024, 600, 350, " MB", digits=0)

    def run(self):
        actions = {"judging": self.judging, "inspect": self.inspect, "in-flight": self.in_flight}
        for section in self.options.only or SECTIONS:
            actions.get(section, lambda: self.compare(section))()
        self.goals.show()


def read_options():
    def positive(text):
        value = int(text)
        if not 1 <= value <= 50_000:
            raise ValueError
        return value

    parser = argparse.ArgumentParser(prog="./dev bench", description="measure client CPU, memory and rate")
    parser.add_argument("build", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--targets", type=positive, default=5000, help="servers of the fleet (5000, for which the goals are meant)")
    parser.add_argument("--rounds", type=positive, default=3, help="turns of each program (3)")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="only this part; may be repeated")
    return parser.parse_args()


def main():
    options = read_options()
    began = time.monotonic()
    print(f"{measure.load_now()} at the start", flush=True)
    if os.getloadavg()[0] > 0.5:
        print("The machine is busy with other things: rates are soft, ratios within a round are what counts.")
    print(flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="chaintier-bench-") as scratch:
            bench = Bench(options.build.resolve(), options, Path(scratch))
            bench.prepare()
            bench.run()
    except Failed as failure:
        sys.exit(f"bench: {failure}")
    print(f"{measure.load_now()} at the end; {time.monotonic() - began:.0f} s")


main()
