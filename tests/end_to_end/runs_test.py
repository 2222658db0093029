"""Runs that are interrupted, resumed, divided, joined and compared; output that nobody takes."""

import json
import random
import resource
import signal
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import harness

COUNT = 48
SILENT = {7, 23, 40}  # nobody listens there
CHAINS = ["new-right", "cross-missing", "leaf-only", "old-right"]


def address(index):
    return f"127.90.0.{index + 1}"


class Servers:
    """A TLS server at each address, all on one port; what an address serves can be changed."""

    def __init__(self, chains):
        self.chains = chains
        self.served = {index: CHAINS[index % len(CHAINS)] for index in range(COUNT) if index not in SILENT}
        self.contexts = {}
        self.port = harness.free_ports(1, address(0))[0]
        self.listening = []
        for index in self.served:
            listener = socket.create_server((address(index), self.port), backlog=64)
            self.listening.append(listener)
            threading.Thread(target=self.serve, args=(listener, index), daemon=True).start()

    def context(self, chain):
        if chain not in self.contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.chains.file(chain), self.chains.file(chain, "key.pem"))
            self.contexts[chain] = context
        return self.contexts[chain]

    def serve(self, listener, index):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                connection.settimeout(10)
                with self.context(self.served[index]).wrap_socket(connection, server_side=True):
                    pass
            except OSError:
                pass

    def targets(self):
        return [
            f"{CHAINS[index % len(CHAINS)]}.practice.test@{address(index)}:{self.port}" for index in range(COUNT)
        ]

    def close(self):
        for listener in self.listening:
            listener.close()


def essence(report):
    """What must not depend on how the run was cut up."""
    return {target["target"]: (target["verdict"], target["tag"], harness.codes(target)) for target in report["targets"]}


def lines_of(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def reader_of(*names):
    """A validator for a schema that refers to the report's."""
    import jsonschema

    schemas = [json.loads((harness.ROOT / "data/schema" / name).read_text()) for name in names]
    store = {schema["$id"]: schema for schema in schemas}
    resolver = jsonschema.RefResolver(schemas[0]["$id"], schemas[0], store=store)
    checker = jsonschema.Draft202012Validator(schemas[0], resolver=resolver)
    return lambda value: [f"{list(error.absolute_path)}: {error.message[:300]}" for error in checker.iter_errors(value)]


class Test:
    def __init__(self, checks, program, chains, servers, folder):
        self.checks = checks
        self.program = program
        self.servers = servers
        self.folder = folder
        self.common = ["--catalogue", chains.catalogue, "--lang", "en"]
        self.judged = [*self.common, "--time", harness.JUDGED_AT]
        self.list = servers.targets()
        self.interruptions = 0
        self.tagged = [f"{target},tag {index}" for index, target in enumerate(self.list)]
        (folder / "targets.txt").write_text("\n".join(self.tagged) + "\nno target\n")
        self.whole = self.report("whole.json", "scan", "--targets", folder / "targets.txt", *self.judged)

    def report(self, name, *arguments, code=1):
        done = self.program.run(*arguments, "--json", self.folder / name, "--quiet")
        self.checks.equal(f"{name}: exit code", done.returncode, code)
        report = json.loads((self.folder / name).read_text())
        self.checks.equal(f"{name}: valid", harness.validator()(report), [])
        return report

    def said(self, what, done, code, *parts):
        """One sentence on standard error, and the exit code."""
        text = done.stderr.decode()
        self.checks.equal(f"{what}: exit code", done.returncode, code)
        self.checks.equal(f"{what}: one line", text.count("\n"), 1)
        for part in parts:
            self.checks.check(f"{what}: says {part!r}", part in text, text)

    def whole_run(self):
        order = [target["target"] for target in self.whole["targets"]]
        self.checks.equal("reports keep the order of the input", order, [*self.list, "no target"])
        for index, target in enumerate(self.whole["targets"][:-1]):
            expected = {"net.refused"} if index in SILENT else None
            if expected:
                self.checks.equal(f"target {index}", set(harness.codes(target)), expected)
        lines = self.folder / "lines.jsonl"
        done = self.program.run("scan", "--targets", self.folder / "targets.txt", *self.judged, "--jsonl", lines)
        self.checks.equal("lines: exit code", done.returncode, 1)
        check = reader_of("target.schema.json", "report.schema.json")
        found = lines_of(lines)
        self.checks.equal("lines: each valid", [check(line) for line in found], [[]] * (COUNT + 1))
        self.checks.equal("lines: the same targets", essence({"targets": found}), essence(self.whole))
        order = [line["target"] for line in found]
        self.checks.check("scanned in another order than given", order != [t["target"] for t in self.whole["targets"]])
        done = self.program.run("scan", "--targets", self.folder / "targets.txt", *self.judged, "--jsonl", "-")
        self.checks.equal("lines on standard output, and nothing else", len(done.stdout.splitlines()), COUNT + 1)
        self.checks.equal("the same lines", essence({"targets": [json.loads(l) for l in done.stdout.splitlines()]}),
                          essence(self.whole))  # fmt: skip

    def interrupted(self, seed):
        """Ended at random moments, by kill or Ctrl-C, until a run comes through."""
        dice = random.Random(seed)
        lines = self.folder / f"resumed {seed}.jsonl"
        command = [
            "scan", "--targets", self.folder / "targets.txt", *self.judged, "--quiet", "--resume", lines,
            "--jsonl", lines, "--json", self.folder / f"resumed {seed}.json", "--rate", "60",
        ]  # fmt: skip
        known = 0
        for attempt in range(4):
            last = attempt == 3
            process = self.program.start(*command, "--jsonl", "-", bufsize=0)
            wanted = known + dice.randint(2, 8)
            out = process.stdout
            seen = 0
            while seen < (10**6 if last else wanted):
                if not out.readline():
                    break
                seen += 1
            if not last:
                gentle = dice.random() < 0.5
                process.send_signal(signal.SIGINT if gentle else signal.SIGKILL)
                out.read()
                code = process.wait(timeout=30)
                text = lines.read_bytes()
                complete = text[: text.rfind(b"\n") + 1].splitlines()
                if len(complete) == COUNT + 1:
                    process.stdout.close()
                    process.stderr.close()
                    known = len(complete)
                    continue  # a busy machine: it was done before the signal came
                self.interruptions += 1
                self.checks.equal(f"seed {seed}: ended", code, 130 if gentle else -signal.SIGKILL)
                for line in complete:
                    json.loads(line)
                known = len(complete)
                self.checks.check(f"seed {seed}: lines are kept", known >= 2)
                if dice.random() < 0.7:  # as if the last line had come half
                    cut = dice.randint(1, len(complete[-1]))
                    lines.write_bytes(text[: text.rfind(b"\n") + 1 - cut])
                    known -= 1
            else:
                self.checks.equal(f"seed {seed}: came through", process.wait(timeout=60), 1)
                self.checks.check(f"seed {seed}: says what is done", b"are done already" in process.stderr.read())
            process.stdout.close()
            process.stderr.close()
        found = lines_of(lines)
        names = [line["target"] for line in found]
        self.checks.equal(f"seed {seed}: every target once", sorted(names), sorted([*self.list, "no target"]))
        self.checks.equal(f"seed {seed}: as the whole run", essence({"targets": found}), essence(self.whole))
        report = json.loads((self.folder / f"resumed {seed}.json").read_text())
        self.checks.equal(f"seed {seed}: report as the whole run", essence(report), essence(self.whole))
        self.checks.equal(f"seed {seed}: in the order of the input", [t["target"] for t in report["targets"]],
                          [t["target"] for t in self.whole["targets"]])  # fmt: skip

    def asked_again(self):
        """Targets that were not begun, and one with another tag, are asked again; their old lines are replaced."""
        source = (self.folder / "lines.jsonl").read_text().splitlines()
        changed = []
        for number, line in enumerate(source):
            value = json.loads(line)
            if number in (3, 11) and value["endpoints"]:
                value["endpoints"][0]["samples"][0]["outcome"] = "not_started"
            if number == 20:
                value["tag"] = "another"
            changed.append(json.dumps(value))
        lines = self.folder / "again.jsonl"
        lines.write_text("\n".join(changed) + "\n")
        targets = ["--targets", self.folder / "targets.txt"]
        done = self.program.run("scan", *targets, *self.judged, "--resume", lines, "--jsonl", lines, "--quiet")
        text = done.stderr.decode()
        self.checks.check("asked again: said", "2 targets were interrupted, and will be asked again" in text, text)
        self.checks.check("asked again: how many are done", f"{COUNT - 3} of {COUNT} targets are done" in text, text)
        self.checks.check("asked again: the others are told", "1 target is in the resumed file and not among" in text, text)
        found = lines_of(lines)
        self.checks.equal("asked again: lines", len(found), COUNT + 2)
        outcomes = {sample["outcome"] for line in found for e in line["endpoints"] for sample in e["samples"]}
        self.checks.check("asked again: nothing is left out", "not_started" not in outcomes, outcomes)

    def shares(self):
        parts = []
        names = []
        for number in range(1, 5):
            part = self.folder / f"share {number}.jsonl"
            done = self.program.run("scan", "--targets", self.folder / "targets.txt", *self.judged, "--shard",
                                    f"{number}/4", "--jsonl", part, "--quiet")  # fmt: skip
            self.checks.check(f"share {number}: exit code", done.returncode in (0, 1, 3), done.returncode)
            parts.append(part)
            names += [line["target"] for line in lines_of(part)]
        self.checks.equal("every target is in one share", sorted(names), sorted([*self.list, "no target"]))
        merged = self.report("merged.json", "merge", *parts, *self.common)
        self.checks.equal("the shares together are the whole", essence(merged), essence(self.whole))
        order = [(target["host"], target["endpoints"][0]["address"]) for target in merged["targets"][:-1]]
        by_name = sorted(order, key=lambda one: (one[0], [int(part) for part in one[1].split(".")]))
        self.checks.equal("shares merged: by name and address", order, by_name)
        self.checks.equal("shares merged: bad lines at the end", merged["targets"][-1]["target"], "no target")
        self.report("turned.json", "merge", *reversed(parts), *self.common)
        self.checks.check("the order of the files does not matter",
                          (self.folder / "turned.json").read_bytes() == (self.folder / "merged.json").read_bytes())  # fmt: skip

        again = self.program.run("merge", self.folder / "whole.json", *self.common, "--json", "-")
        self.checks.check("merging one report changes nothing",
                          again.stdout == (self.folder / "whole.json").read_bytes())  # fmt: skip
        again = self.program.run("merge", self.folder / "lines.jsonl", *self.common, "--jsonl", "-")
        self.checks.equal("merging one file of lines changes nothing but their order",
                          sorted(again.stdout.splitlines()), sorted((self.folder / "lines.jsonl").read_bytes().splitlines()))  # fmt: skip

    def later_counts(self):
        source = (self.folder / "lines.jsonl").read_text().splitlines()
        old = json.loads(next(line for line in source if "leaf-only" in json.loads(line)["host"]))
        old["judged_at"] = "2026-11-01T00:00:00Z"
        old["data"]["catalogue_date"] = "2026-10-01"
        old["verdict"] = "ok"
        (self.folder / "old.jsonl").write_text(json.dumps(old) + "\n")
        for files in (["old.jsonl", "lines.jsonl"], ["lines.jsonl", "old.jsonl"]):
            done = self.program.run("merge", *[self.folder / file for file in files], *self.common, "--json", "-")
            text = done.stderr.decode()
            self.checks.check("twice: said", "is there more than once: the one judged last counts" in text, text)
            self.checks.check("other data: said", "different catalogue data" in text, text)
            self.checks.equal("twice: the later counts", essence(json.loads(done.stdout)), essence(self.whole))
        # The reports carry what they need of their catalogue.
        done = self.program.run("merge", self.folder / "whole.json", "--lang", "en", "--json", "-")
        self.checks.check("without --catalogue nothing is lost", done.stdout == (self.folder / "whole.json").read_bytes())

    def demo(self):
        """The whole practice fleet: read and written again, octet by octet."""
        place = self.folder / "demo"
        place.mkdir()
        self.program.run("demo", "--lang", "en", "--quiet", cwd=place)
        report = next(place.glob("*/report.json"))
        for language, same in (("en", True), ("zh-TW", False)):
            done = self.program.run("merge", report, "--lang", language, "--json", "-")
            self.checks.equal(f"demo in {language}", done.stdout == report.read_bytes(), same)
        for language in ("en", "zh-TW"):
            self.program.run("merge", report, "--lang", language, "--html", place / "merged.html", "--quiet")
            self.checks.check(f"demo: HTML in {language}",
                              (place / "merged.html").read_bytes() == next(place.glob(f"*/report.{language}.html")).read_bytes())  # fmt: skip

    def compared(self):
        before = self.folder / "lines.jsonl"
        done = self.program.run("diff", before, self.folder / "whole.json", *self.common)
        self.checks.equal("nothing changed: exit code", done.returncode, 0)
        self.checks.check("nothing changed: said", b"New 0" in done.stdout, done.stdout)
        # The first address is mended, the second and third become worse, one is switched off, one is not asked.
        by_chain = {chain: next(i for i in range(COUNT) if i not in SILENT and CHAINS[i % 4] == chain) for chain in CHAINS}
        mended, worse = by_chain["cross-missing"], by_chain["new-right"]
        kept = dict(self.servers.served)
        self.servers.served[mended] = "new-right"
        self.servers.served[worse] = "leaf-only"
        dropped = by_chain["old-right"]
        now = [target for index, target in enumerate(self.list) if index != dropped]
        self.report("now.json", "scan", *now, "added.practice.test@127.90.1.1:9", *self.judged)
        self.servers.served.update(kept)
        done = self.program.run("diff", before, self.folder / "now.json", *self.common, "--json", "-")
        self.checks.equal("diff: exit code", done.returncode, 1)
        diff = json.loads(done.stdout)
        self.checks.equal("diff: valid", reader_of("diff.schema.json", "report.schema.json")(diff), [])
        found = {(change["kind"], change["target"], code["code"])
                 for change in diff["changes"] for code in change["after"] or change["before"]}  # fmt: skip
        for expected in [
            ("fixed", self.list[mended], "chain.cross_missing"),
            ("new", self.list[worse], "chain.leaf_only"),
            ("gone", self.list[dropped], "chain.old_hierarchy"),
            ("new", "added.practice.test@127.90.1.1:9", "net.refused"),
        ]:
            self.checks.check(f"diff: {expected}", expected in found, sorted(found))
        touched = {self.list[mended], self.list[worse], self.list[dropped], "added.practice.test@127.90.1.1:9"}
        self.checks.equal("diff: no other target", {change["target"] for change in diff["changes"]}, touched)
        self.checks.equal("diff: gone", {t["target"] for t in diff["targets_gone"]} - {"no target"}, {self.list[dropped]})
        self.checks.equal("diff: added", [t["target"] for t in diff["targets_added"]], ["added.practice.test@127.90.1.1:9"])
        for language, word in (("en", "New findings"), ("zh-TW", "\u65b0\u767c\u73fe\u7684\u554f\u984c")):
            done = self.program.run("diff", before, self.folder / "now.json", "--catalogue", self.common[1], "--lang", language)
            self.checks.check(f"diff: in {language}", word in done.stdout.decode(), done.stdout.decode()[:300])
        done = self.program.run("diff", self.folder / "now.json", before, *self.common, "--quiet")
        self.checks.equal("diff: the other way round", done.returncode, 1)

    def progress(self):
        scan = ["scan", "--targets", self.folder / "targets.txt", *self.judged, "--jsonl", "-"]
        for quiet in ([], ["--quiet"]):  # what is asked for by name counts
            done = self.program.run(*scan, *quiet, "--progress", "always")
            last = done.stderr.decode().splitlines()[-1]
            self.checks.check("progress: plain lines", last.startswith(f"{COUNT}/{COUNT} done, ") and "\x1b" not in last, last)
            self.checks.check("progress: failures", f"{len(SILENT)} could not be judged" in last, last)
            self.checks.check("progress: rate and rest", "a second, 0 s left" in last, last)
        for quiet in (["--quiet"], ["--progress", "never"], []):
            done = self.program.run(*scan, *quiet)
            self.checks.equal(f"no progress with {quiet}", done.stderr.count(b" done, "), 0)

    def not_taken(self):
        scan = ["scan", "--targets", self.folder / "targets.txt", *self.judged]
        good = [*scan[:1], *self.list, *self.judged]
        process = self.program.start(*good, "--jsonl", "-")
        json.loads(process.stdout.readline())
        process.stdout.close()
        text = process.stderr.read().decode()
        process.stderr.close()
        self.checks.equal("closed pipe: exit code", process.wait(timeout=30), 4)
        self.checks.equal("closed pipe: one sentence", text, "chaintier: cannot write to standard output: Broken pipe\n")

        done = self.program.run(*good, "--jsonl", "/dev/full", "--json", self.folder / "full.json", "--quiet")
        self.said("full device", done, 4, "cannot write /dev/full: No space left on device")
        report = json.loads((self.folder / "full.json").read_text())
        self.checks.equal("full device: the other report is valid", harness.validator()(report), [])
        self.checks.equal("full device: and has every target", len(report["targets"]), COUNT)

        def small_disk():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        lines = self.folder / "small.jsonl"
        done = self.program.run(*good, "--jsonl", lines, "--quiet", preexec_fn=small_disk)
        self.said("full disk", done, 4, "cannot write", "small.jsonl")
        text = lines.read_bytes()
        self.checks.check("full disk: whole lines only", text.endswith(b"\n") and len(lines_of(lines)) >= 2)
        for command in (["merge", lines, *self.common], ["diff", lines, lines, *self.common]):
            process = self.program.start(*command)
            process.stdout.close()
            text = process.stderr.read().decode()
            process.stderr.close()
            self.checks.equal(f"{command[0]}, closed pipe: exit code", process.wait(timeout=30), 4)
            self.checks.check(f"{command[0]}, closed pipe: said", text.endswith("Broken pipe\n"), text)

    def wrong_input(self):
        run = self.program.run
        folder = self.folder
        source = (folder / "lines.jsonl").read_text().splitlines()
        (folder / "bad.jsonl").write_text(source[0] + "\n" + source[1].replace('"verdict"', '"verdikt"') + "\n")
        self.said("bad line", run("merge", folder / "bad.jsonl"), 2, "bad.jsonl: line 2: ", '"verdict" is missing')
        self.said("bad line", run("scan", "example.tw", "--resume", folder / "bad.jsonl"), 2, "bad.jsonl: line 2: ")
        (folder / "text.txt").write_text("hello\n")
        self.said("no report", run("merge", folder / "text.txt"), 2, "text.txt: it is no JSON")
        (folder / "empty.jsonl").write_text("")
        self.said("no target", run("merge", folder / "empty.jsonl"), 2, "hold no target")
        self.said("no file", run("merge", folder / "missing.jsonl"), 2, "missing.jsonl: No such file")
        self.said("folder", run("diff", folder, folder / "whole.json"), 2, "it is a folder")
        self.said("no file to resume", run("scan", "example.tw", "--resume", folder / "missing.jsonl"), 2, "No such file")
        self.said("a report to go on with", run("scan", "example.tw", "--resume", folder / "whole.json",
                                                "--jsonl", folder / "whole.json"), 2, "is a JSON report")  # fmt: skip
        for shard in ("0/3", "4/3", "3", "a/b", "1/0", "-1/3", "1/3/5"):
            self.said(f"--shard {shard}", run("scan", "example.tw", f"--shard={shard}"), 2, "--shard", "write I/N")
        self.said("one file for two reports", run("scan", "x.tw", "--json", folder / "a", "--jsonl", folder / "a"), 2, "two reports")
        self.said("two on standard output", run("scan", "x.tw", "--json", "-", "--jsonl", "-"), 2, "only one report")
        before = (folder / "lines.jsonl").read_bytes()
        self.said("merge into an input", run("merge", folder / "lines.jsonl", "--jsonl", folder / "lines.jsonl"), 2, "also read")
        self.said("lines into the targets", run("scan", "--targets", folder / "targets.txt", "--jsonl", folder / "targets.txt"),
                  2, "also read")  # fmt: skip
        self.checks.check("inputs are left alone", (folder / "lines.jsonl").read_bytes() == before)
        self.said("diff of one file", run("diff", folder / "whole.json"), 2, "NEW")
        for files in ([folder / "empty.jsonl", folder / "whole.json"], [folder / "whole.json", folder / "empty.jsonl"]):
            self.said("diff with nothing", run("diff", *files), 2, "empty.jsonl holds no target")
        done = run("merge", "-", *self.common, "--quiet", stdin=(folder / "lines.jsonl").open("rb"))
        self.checks.equal("standard input", len(done.stdout.splitlines()), COUNT + 1)

    def empty_share(self):
        names = [f"127.0.0.1:{port}" for port in range(2, 4)]
        codes = [self.program.run("scan", *names, "--shard", f"{number}/50", "--jsonl", "-") for number in range(1, 51)]
        self.checks.equal("empty shares are no failure", {done.returncode for done in codes}, {0, 3})
        self.checks.equal("each target once", sum(len(done.stdout.splitlines()) for done in codes), len(names))


def main():
    with harness.practice() as (checks, program, chains, folder):
        servers = Servers(chains)
        test = Test(checks, program, chains, servers, folder)
        test.whole_run()
        for seed in (1, 2, 3):
            test.interrupted(seed)
        checks.check("runs were interrupted", test.interruptions >= 5, test.interruptions)
        test.asked_again()
        test.shares()
        test.later_counts()
        test.demo()
        test.compared()
        test.progress()
        test.not_taken()
        test.wrong_input()
        test.empty_share()
        servers.close()


main()
