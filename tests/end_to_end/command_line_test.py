"""The promises of the command line: exit codes, one clear sentence for bad input, nothing but the report on
standard output, report files whole or not at all."""

import json
import os
import resource
import signal
import socket
import subprocess
import time

import harness
import real_servers

NOBODY = 65534


class Context:
    def __init__(self, checks, program, chains, folder):
        self.checks, self.program, self.chains, self.folder = checks, program, chains, folder
        self.validate = harness.validator()
        self.judge = ["--catalogue", chains.catalogue, "--time", harness.JUDGED_AT]

    def inspect(self, identifier, *more, **options):
        served = self.chains.file(identifier)
        host = f"{identifier}.practice.test"
        return self.program.run("inspect", "--served", served, "--host", host, *self.judge, *more, **options)

    def refuses(self, what, *arguments, code=2, mentions=(), **options):
        """The program ends with `code`, says why in one or two lines, and writes nothing to standard output."""
        done = self.program.run(*arguments, **options)
        said = done.stderr.decode(errors="replace")
        self.checks.equal(f"{what}: exit code", done.returncode, code)
        self.checks.equal(f"{what}: standard output", done.stdout, b"")
        lines = said.strip().splitlines()
        self.checks.check(f"{what}: one clear sentence", 1 <= len(lines) <= 2 and len(said) > 20, said)
        self.checks.check(f"{what}: no exception shows", "terminate called" not in said and "what():" not in said, said)
        for part in mentions:
            self.checks.check(f"{what}: says {part!r}", str(part) in said, said)
        return said

    def valid_report(self, what, raw):
        try:
            report = json.loads(raw)
        except ValueError as error:
            self.checks.check(f"{what}: is JSON", False, f"{error}: {raw[:200]!r}")
            return None
        self.checks.equal(f"{what}: follows the schema", self.validate(report), [])
        return report


def usage(context):
    checks, program = context.checks, context.program
    for arguments in (["--help"], ["scan", "--help"], ["inspect", "--help"]):
        done = program.run(*arguments)
        checks.equal(f"{arguments}: exit code", done.returncode, 0)
        checks.check(f"{arguments}: text", len(done.stdout) > 100)
    done = program.run("--version")
    checks.equal("--version: exit code", done.returncode, 0)
    context.refuses("no command")
    context.refuses("unknown command", "no-such-command", mentions=["no-such-command"])
    context.refuses("unknown option", "scan", "--no-such-option", "example.test", mentions=["--no-such-option"])
    context.refuses("scan without a target", "scan")
    context.refuses("inspect without a file", "inspect")
    context.refuses("bad time", "inspect", "--served", context.chains.file("new-right"), "--time", "yesterday")
    context.refuses("bad language", "scan", "--lang", "tlh", "example.test")
    context.refuses("bad severity", "scan", "--fail-on", "everything", "example.test")
    context.refuses("bad override", "scan", "--resolve", "example.test", "example.test")
    context.refuses("bad override address", "scan", "--resolve", "example.test=nowhere", "example.test")
    context.refuses("no catalogue", "scan", "--catalogue", context.folder / "none", "example.test")
    context.refuses("an option of later", "scan", "--page", "example.test", mentions=["--page"])
    for bad in ("", "a b", "host:0", "host:65536", "host:x", "[::1", "gopher://host/", "name@", "..", "a" * 300):
        context.refuses(f"bad target {bad[:20]!r}", "scan", "--", bad)
    context.refuses("standard input as a target", "scan", "-", mentions=["--targets -"])
    context.refuses("a hyphen at a label's end", "scan", "--", "a-.example.test", mentions=["hyphen"])
    context.refuses("a word for a number", "scan", "--connect-timeout", "abc", "example.test",
                    mentions=["--connect-timeout abc: that is no number"])  # fmt: skip
    context.refuses("an option twice", "scan", "--samples", "1", "--samples", "2", "example.test",
                    mentions=["--samples is given 2 times"])  # fmt: skip
    for option in ("--origin", "--dns", "--shard", "--time", "--clients", "--lang"):
        context.refuses(f"an empty {option}", "scan", option, "", "example.test", mentions=[f'{option} "": '])
    for rate in ("inf", "nan", "0", "-1", "1e-9", "1e9"):
        context.refuses(f"--rate {rate}", "scan", f"--rate={rate}", "example.test", mentions=["between 0.001 and 1000000"])
    context.refuses("an empty file name", "scan", "--targets", "", mentions=['""'])


def inputs_kept(context):
    """No report takes the place of a file that is read."""
    checks, folder = context.checks, context.folder
    targets = folder / "kept.txt"
    targets.write_text("localhost:1\n")
    link = folder / "link to kept.txt"
    link.symlink_to(targets)
    for option in ("--json", "--html", "--save", "--jsonl"):
        for file in (targets, link):
            context.refuses(f"{option} over the targets", "scan", "--targets", targets, option, file,
                            mentions=["which is also read"])  # fmt: skip
    expected = folder / "kept.pem"
    expected.write_bytes(context.chains.file("new-right").read_bytes())
    context.refuses("--json over what is expected", "scan", "localhost:1", "--expect", expected, "--json", expected,
                    mentions=["which is also read"])  # fmt: skip
    chain, lines = expected, folder / "kept.jsonl"
    context.program.run("scan", "localhost:1", "--jsonl", lines, "--quiet")
    for arguments in (
        ["scan", "localhost:1", "--trust", chain, "--json", chain], ["scan", "localhost:1", "--client", f"own={chain}", "--csv", chain],
        ["scan", "localhost:1", "--resume", lines, "--csv", lines], ["inspect", "--served", chain, "--html", chain],
        ["inspect", "--served", context.chains.file("new-right"), "--pool", chain, "--json", chain],
        ["merge", lines, "--json", lines], ["diff", lines, lines, "--json", lines], ["diagnose", lines, "--json", lines],
    ):  # fmt: skip
        context.refuses(f"{arguments[0]} {arguments[-2]} over what it reads", *arguments, mentions=["which is also read"])
    # What lies in a folder that is read, too; but a page of an earlier run is written again.
    shelf = folder / "shelf"
    (shelf / "below").mkdir(parents=True)
    (shelf / "root.pem").write_bytes((context.chains.folder / "machine_store.pem").read_bytes())
    (shelf / "below" / "site.pem").write_bytes(chain.read_bytes())
    (shelf / "below" / "site.key").write_bytes(context.chains.file("new-right", "key.pem").read_bytes())
    before = {path: path.read_bytes() for path in shelf.rglob("*.*")}
    for file in before:
        for arguments in (
            ["scan", "localhost:1", "--expect", shelf, "--html", file], ["scan", "localhost:1", "--expect", shelf, "--save", file],
            ["scan", "localhost:1", "--catalogue", shelf, "--jsonl", file], ["local", shelf, "--json", file],
            ["inspect", "--served", chain, "--catalogue", shelf, "--csv", file], ["local", file, "--json", file],
            ["merge", lines, "--catalogue", shelf, "--html", file], ["diff", lines, lines, "--catalogue", shelf, "--json", file],
        ):  # fmt: skip
            context.refuses(f"{arguments[0]} {arguments[-2]} into a folder that it reads", *arguments, mentions=["which is also read"])
    checks.equal("the folder is as it was", {path: path.read_bytes() for path in shelf.rglob("*.*")}, before)
    for _ in range(2):
        done = context.program.run("scan", "localhost:1", "--expect", shelf, "--html", shelf / "page.html")
        checks.equal("a page beside what is expected: exit code", done.returncode, 3)
        pages = [part for option in ("html", "csv", "junit") for part in (f"--{option}", shelf / f"local.{option}")]
        done = context.program.run("local", shelf, *pages)
        checks.check("reports beside what is looked at", done.returncode in (0, 1), done.stderr)
    checks.check("lines are still there", lines.read_text().startswith('{"schema":"chaintier.target/1"'))
    context.refuses("two reports in one file", "scan", "localhost:1", "--json", folder / "one", "--csv", f"{folder}/./one",
                    mentions=["two reports would be written"])  # fmt: skip
    (folder / "leads to one").symlink_to("one")
    (folder / "same folder").symlink_to(folder)
    for other in (folder / "leads to one", folder / "same folder" / "one"):
        for first, second in ((folder / "one", other), (other, folder / "one")):
            context.refuses("two reports in one file by a link", "scan", "localhost:1", "--json", first, "--csv", second,
                            mentions=["two reports would be written"])  # fmt: skip
    context.refuses("a report where --save writes", "scan", "localhost:1", "--json", folder / "one", "--save", f"{folder}/./one",
                    mentions=["a report is written there"])  # fmt: skip
    context.refuses("--save and a report on standard output", "scan", "localhost:1", "--json", "-", "--save", "-",
                    mentions=["a report is written there"])  # fmt: skip
    done = context.program.run("scan", "localhost:1", "--save", "-")
    checks.equal("--save -: nothing but what is saved", json.loads(done.stdout)["schema"], "chaintier.observation/1")
    (folder / "none good.txt").write_text("not a target\n" * 1000)
    done = context.program.run("scan", "--targets", folder / "none good.txt")
    said = done.stderr.decode()
    checks.equal("a thousand bad lines: exit code", done.returncode, 2)
    checks.check("a thousand bad lines: not all are said", said.count("\n") < 110 and "900 more lines" in said, said[-300:])
    checks.equal("the targets are still there", targets.read_text(), "localhost:1\n")
    checks.equal("what is expected is still there", expected.read_bytes(), context.chains.file("new-right").read_bytes())


def unused_addresses(context):
    """What --resolve is not used for is said, and the run goes on."""
    checks, port = context.checks, harness.free_ports(1)[0]
    given = f"--resolve=a.practice.test={harness.ADDRESS},::1"
    for what, arguments, words in (
        ("used", [f"a.practice.test:{port}", given], None),
        ("another name", [f"b.practice.test@{harness.ADDRESS}:{port}", given], "--resolve a.practice.test: no target has this name"),
        ("an address in the target", [f"a.practice.test@{harness.ADDRESS}:{port}", given],
         f"--resolve a.practice.test: not used for a.practice.test@{harness.ADDRESS}:{port}, because the address stands in the target"),
        ("another family", [f"a.practice.test:{port}", given, "--address-family", "4"],
         "--resolve a.practice.test: not used because of --address-family 4: ::1"),
    ):  # fmt: skip
        done = context.program.run("scan", *arguments)
        checks.equal(f"unused addresses, {what}: exit code", done.returncode, 3)
        checks.equal(f"unused addresses, {what}: said", done.stderr.decode(), f"chaintier: warning: {words}\n" if words else "")


def few_descriptors(context):
    """Whatever the limit on open files is, the program ends with a result or a sentence that tells what is missing."""
    checks, (port, silent) = context.checks, harness.free_ports(2)
    targets = [f"a.practice.test@{harness.ADDRESS}:{port}", "b.practice.test", "--dns", f"{harness.ADDRESS}:{silent}"]
    for limit in range(4, 24):  # with three, no library can be opened
        lower = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))  # noqa: E731, B023
        done = context.program.run("scan", *targets, preexec_fn=lower)
        said = done.stderr.decode()
        checks.check(f"{limit} descriptors: no internal error", "internal error" not in said, said)
        checks.equal(f"{limit} descriptors: exit code", done.returncode, 2 if limit < 16 else 3)
        checks.equal(f"{limit} descriptors: what to do", f"may open {limit} files" in said and "ulimit -n" in said, limit < 16)


def closed_input(context):
    """Standard input that is closed, or a folder, is no empty list."""
    checks = context.checks
    closed = context.program.run("scan", "--targets", "-", stdin=None, preexec_fn=lambda: os.close(0))
    checks.equal("closed standard input: exit code", closed.returncode, 2)
    checks.check("closed standard input: said", b"cannot read standard input" in closed.stderr, closed.stderr)
    folder = os.open(context.folder, os.O_RDONLY)
    done = context.program.run("scan", "--targets", "-", stdin=folder)
    os.close(folder)
    checks.equal("a folder as standard input: exit code", done.returncode, 2)
    checks.check("a folder as standard input: said", b"cannot read standard input" in done.stderr, done.stderr)


def bad_files(context):
    folder = context.folder
    samples = {
        "empty.pem": b"",
        "blank.pem": b"\n\n \n",
        "text.pem": b"Dear administrator, here is your certificate.\n",
        "page.pem": b"<!DOCTYPE html><html><body>404</body></html>\n",
        "damaged.pem": b"-----BEGIN CERTIFICATE-----\nMIIB*****\n-----END CERTIFICATE-----\n",
        "cut.pem": context.chains.file("new-right").read_bytes()[:400],
        "key.pem": context.chains.file("new-right", "key.pem").read_bytes(),
        "zeros.der": bytes(4096),
    }
    for name, content in samples.items():
        (folder / name).write_bytes(content)
        context.refuses(f"inspect {name}", "inspect", "--served", folder / name, mentions=[name])
    context.refuses("inspect a missing file", "inspect", "--served", folder / "none.pem", mentions=["none.pem"])
    context.refuses("inspect a folder", "inspect", "--served", folder, mentions=[folder.name])
    context.refuses("targets file is missing", "scan", "--targets", folder / "none.txt", mentions=["none.txt"])
    context.refuses("targets file is a folder", "scan", "--targets", folder)

    secret = folder / "secret.pem"
    secret.write_bytes(context.chains.file("new-right").read_bytes())
    secret.chmod(0)
    # Root reads everything, so somebody else has to try.
    options = {"user": NOBODY} if os.geteuid() == 0 else {}
    folder.chmod(0o755)
    try:
        context.refuses("inspect an unreadable file", "inspect", "--served", secret, mentions=["secret.pem"], **options)
    except PermissionError:
        print("left out: an unreadable file, because nobody else may run a program below this checkout")


def exit_codes(context):
    checks = context.checks
    for identifier, more, expected in (
        ("new-right", [], 0),
        ("new-right", ["--fail-on", "note"], 1),
        ("new-right", ["--fail-on", "warning"], 0),
        ("wrong-order", [], 0),
        ("wrong-order", ["--fail-on", "warning"], 1),
        ("cross-missing", [], 1),
        ("expired", [], 1),
    ):
        done = context.inspect(identifier, *more)
        checks.equal(f"inspect {identifier} {more}: exit code", done.returncode, expected)
        checks.equal(f"inspect {identifier} {more}: standard error", done.stderr, b"")
        checks.check(f"inspect {identifier} {more}: report", len(done.stdout) > 100)
        checks.check(f"inspect {identifier}: no colours in a pipe", b"\x1b" not in done.stdout)


def reports(context):
    checks, folder = context.checks, context.folder
    done = context.inspect("cross-missing", "--json", "-")
    report = context.valid_report("inspect --json -", done.stdout)
    checks.equal("inspect --json -: standard error", done.stderr, b"")
    if report:
        expected = next(chain for chain in context.chains.list if chain["id"] == "cross-missing")
        checks.equal("inspect: findings", harness.codes(report["targets"][0]), expected["findings"])
        checks.equal("inspect: role", report["targets"][0]["endpoints"][0]["role"], "file")
    again = context.inspect("cross-missing", "--json", "-")
    checks.equal("inspect twice gives the same octets", again.stdout, done.stdout)

    from_pipe = context.inspect("cross-missing", "--json", folder / "a.json", "--html", folder / "a.html")
    checks.equal("two report files: exit code", from_pipe.returncode, 1)
    checks.check("two report files: terminal report too", len(from_pipe.stdout) > 100)
    checks.equal("the file has what standard output had", (folder / "a.json").read_bytes(), done.stdout)
    page = (folder / "a.html").read_text()
    checks.check("HTML is whole", page.lstrip().startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>"))
    checks.check("HTML needs no script", "<script" not in page)

    chinese = context.inspect("cross-missing", "--lang", "zh-TW").stdout.decode()
    english = context.inspect("cross-missing", "--lang", "en").stdout.decode()
    checks.check("the languages differ", chinese != english and "憑證" in chinese and "憑證" not in english)


def writing_fails(context):
    checks, folder = context.checks, context.folder
    served = context.chains.file("new-right")
    arguments = ["inspect", "--served", served, *context.judge]
    for what, path in (
        ("a full disk", "/dev/full"),
        ("a missing folder", folder / "none" / "a.json"),
        ("a folder", folder),
    ):
        done = context.program.run(*arguments, "--json", path)
        said = done.stderr.decode(errors="replace")
        checks.check(f"report to {what}: exit code", done.returncode in (2, 4), done.returncode)
        checks.check(f"report to {what}: said", 1 <= len(said.strip().splitlines()) <= 2 and str(path) in said, said)
    with open("/dev/full", "wb") as full:
        done = context.program.run(*arguments, "--json", "-", stdout=full)
    checks.check("standard output is full: exit code", done.returncode in (2, 4), done.returncode)
    checks.check("standard output is full: said", bool(done.stderr.strip()))

    # One that cannot be written keeps no other from being written.
    others = [folder / "other.csv", folder / "other.html"]
    done = context.program.run(*arguments, "--json", "/dev/full", "--csv", others[0], "--html", others[1])
    checks.equal("one of three reports fails: exit code", done.returncode, 4)
    checks.equal("one of three reports fails: it is said", done.stderr.count(b"cannot write /dev/full"), 1)
    checks.check("one of three reports fails: the others are there", all(other.stat().st_size > 500 for other in others))
    checks.check("one of three reports fails: so is the one for the terminal", len(done.stdout) > 500)

    # With closed standard streams no file of ours takes their place.
    lines = folder / "alone.jsonl"
    closing = 'exec "$0" scan localhost:1 --no-aia --jsonl "$1" --progress always <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", closing, context.program.path, lines], env=context.program.environment, timeout=60)
    checks.equal("closed standard streams: exit code", done.returncode, 4)
    checks.equal("closed standard streams: one line", [json.loads(line)["port"] for line in lines.read_text().splitlines()], [1])

    # An older report stays as it is when the new one cannot be written. (Root may write anywhere.)
    guarded = folder / "guarded"
    guarded.mkdir()
    old = guarded / "a.json"
    old.write_text("old")
    guarded.chmod(0o555)
    old.chmod(0o444)
    options = {"user": NOBODY} if os.geteuid() == 0 else {}
    for path in (context.chains.folder, *context.chains.folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    try:
        done = context.program.run(*arguments, "--json", old, **options)
        checks.equal("report to a read-only folder: noticed before any work", (done.returncode, done.stdout), (2, b""))
    except PermissionError:
        print("left out: a read-only folder, because nobody else may run a program below this checkout")
    checks.equal("report to a read-only folder: the old one stays", old.read_text(), "old")
    checks.equal("report to a read-only folder: nothing left behind", [p.name for p in guarded.iterdir()], ["a.json"])
    guarded.chmod(0o755)

    # A reader that goes away, as `head` does.
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = context.program.run(*arguments, "--json", "-", stdout=closed)
    checks.check("closed pipe: ends by itself", done.returncode in (-signal.SIGPIPE, 2, 4), done.returncode)


class Stalling:
    """Accepts and stays silent; `accepted()` returns once somebody has connected."""

    def __init__(self, address=harness.ADDRESS):
        self.listener = socket.create_server((address, 0))
        self.listener.settimeout(30)
        self.port = self.listener.getsockname()[1]
        self.open = []

    def accepted(self):
        self.open.append(self.listener.accept()[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in (*self.open, self.listener):
            one.close()


def timeouts(context):
    checks = context.checks
    with Stalling() as server:
        began = time.monotonic()
        done = context.program.run(
            "scan", f"stall.practice.test@{harness.ADDRESS}:{server.port}", "--handshake-timeout", "1", "--json", "-"
        )
        took = time.monotonic() - began
    checks.equal("stalling server: exit code", done.returncode, 3)
    checks.check("stalling server: over in time", took < 4, f"{took:.1f} s")
    report = context.valid_report("stalling server", done.stdout)
    if report:
        checks.equal("stalling server: finding", harness.codes(report["targets"][0]), ["net.timeout"])
        checks.equal("stalling server: verdict", report["targets"][0]["verdict"], "unjudged")


def interrupted(context):
    checks, chains = context.checks, context.chains
    output = context.folder / "interrupted.json"
    with real_servers.OpensslServer(OneChain(chains, "new-right"), context.folder) as ports, Stalling() as stalling:
        good = f"new-right.practice.test@{harness.ADDRESS}:{ports['new-right']}"
        stalled = f"stall.practice.test@{harness.ADDRESS}:{stalling.port}"
        # The line of the first target tells that it is done; which of the two is asked first does not matter.
        running = context.program.start(
            "scan", good, stalled, "--concurrency", "2", "--jsonl", "-", "--json", output, *context.judge)
        stalling.accepted()
        checks.check("interrupted: the first target is done", b"new-right" in running.stdout.readline())
        checks.check("while it runs there is no report file", not output.exists())
        running.send_signal(signal.SIGINT)
        try:
            _, said = running.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate(timeout=15)
            checks.check("interrupted: ends", False)
            return
    checks.equal("interrupted: exit code", running.returncode, 130)
    if not checks.check("interrupted: report is written", output.exists(), said.decode(errors="replace")):
        return
    report = context.valid_report("interrupted", output.read_text())
    if report:
        by_host = {target["host"]: target for target in report["targets"]}
        checks.equal("interrupted: every target is in the report", len(by_host), 2)
        done = next(chain for chain in chains.list if chain["id"] == "new-right")
        checks.equal("interrupted: what was done is there", harness.codes(by_host[done["host"]]), done["findings"])
        checks.equal("interrupted: the rest is not judged", by_host["stall.practice.test"]["verdict"], "unjudged")


class OneChain:
    """A PracticeChains with one chain only."""

    def __init__(self, chains, identifier):
        self.list = [chain for chain in chains.list if chain["id"] == identifier]
        self.file = chains.file


def targets_files(context):
    checks, folder = context.checks, context.folder
    closed = harness.free_ports(1)[0]
    good = f"refused.practice.test@{harness.ADDRESS}:{closed}"
    content = f"\ufeff# comment\r\n\r\n{good},office\r\nnot a target\r\n{good}, branch\r\n  {good}  # again\r\n"
    (folder / "targets.txt").write_text(content, newline="")
    arguments = ["scan", "--targets", folder / "targets.txt", "--json", "-"]
    done = context.program.run(*arguments)
    checks.equal("targets file: exit code", done.returncode, 3)
    said = done.stderr.decode()
    checks.check("targets file: the bad line is named by number and text", "4" in said and "not a target" in said, said)
    report = context.valid_report("targets file", done.stdout)
    if report:
        checks.equal("targets file: duplicates are dropped, the bad line counts", len(report["targets"]), 2)
        tags = {target["tag"] for target in report["targets"] if target["host"] == "refused.practice.test"}
        checks.equal("targets file: tag", tags, {"office;branch"})
        checks.check("targets file: what is repeated is told", "targets are given again 2 times" in said, said)
        found = {code for target in report["targets"] for code in harness.codes(target)}
        checks.check("targets file: the good line was scanned", "net.refused" in found, found)
        checks.equal("targets file: nothing was judged", report["summary"]["by_verdict"].get("unjudged"), 2)
    (folder / "nul.txt").write_bytes(f"{good},office\na\0b.practice.test,branch\n".encode())
    done = context.program.run("scan", "--targets", folder / "nul.txt", "--json", "-", "--csv", folder / "nul.csv",
                               "--junit", folder / "nul.xml", "--html", folder / "nul.html", "--jsonl", folder / "nul.jsonl")  # fmt: skip
    checks.equal("a NUL octet: exit code", done.returncode, 3)
    checks.check("a NUL octet: its line is named", b'line 2: "a\\u{0}b.practice.test"' in done.stderr, done.stderr)
    report = context.valid_report("a NUL octet", done.stdout)
    if report:
        checks.equal("a NUL octet: the line is a target that could not be judged, with its tag",
                     [(target["target"], target["tag"]) for target in report["targets"]], [(good, "office"), ("a\0b.practice.test", "branch")])  # fmt: skip
    written = [context.folder / f"nul.{ending}" for ending in ("csv", "xml", "html", "jsonl")]
    checks.check("a NUL octet: in no report", all(b"\0" not in file.read_bytes() for file in written))
    (folder / "bad.txt").write_text("not a target\nneither is this one:\n")
    done = context.program.run("scan", "--targets", folder / "bad.txt")
    said = done.stderr.decode()
    checks.equal("no good line: exit code", done.returncode, 2)
    checks.equal("no good line: standard output", done.stdout, b"")
    checks.check("no good line: each is named", "not a target" in said and "neither is" in said, said)
    (folder / "none.txt").write_text("# nothing\n\n")
    done = context.program.run("scan", "--targets", folder / "none.txt")
    checks.equal("targets file without targets: exit code", done.returncode, 2)
    done = context.program.run("scan", "--targets", "-", "--json", "-", stdin=None, input=good.encode())
    checks.equal("targets from standard input: exit code", done.returncode, 3)


def fix(context):
    """Files are written for every leaf; what they cannot mend is said."""
    checks, chains = context.checks, context.chains
    common = ["--catalogue", chains.catalogue, "--time", harness.JUDGED_AT, "--lang", "en"]
    for identifier, code, words in (
        ("new-right", 0, None), ("expired", 1, "expired on"), ("renewal-due", 0, "ends on"), ("leaf-only", 0, None),
    ):  # fmt: skip
        out = context.folder / f"fix {identifier}"
        done = context.program.run("fix", "--leaf", chains.file(identifier, "leaf.pem"), "--out", out, *common)
        said = done.stdout.decode()
        checks.equal(f"fix, {identifier}: exit code", done.returncode, code)
        checks.check(f"fix, {identifier}: files are written", (out / "fullchain.pem").exists() and (out / "root.cer").exists())
        checks.equal(f"fix, {identifier}: says what it cannot mend", "What they cannot mend" in said, words is not None)
        checks.check(f"fix, {identifier}: names it", words is None or words in said, said)
    # The same leaf before its time.
    out = context.folder / "fix early"
    early = [*common[:2], "--time", "2020-01-01T00:00:00Z", "--lang", "en"]
    done = context.program.run("fix", "--leaf", chains.file("new-right", "leaf.pem"), "--out", out, *early)
    checks.equal("fix, not yet valid: exit code", done.returncode, 1)
    checks.check("fix, not yet valid: names it", b"is not valid before" in done.stdout, done.stdout)
    checks.check("fix, not yet valid: files are written", (out / "fullchain.pem").exists())


def catalogue(context):
    checks = context.checks
    done = context.program.run("catalogue")
    checks.equal("catalogue: exit code", done.returncode, 0)
    checks.check("catalogue: lists the cross certificate", b"twca-cyber-root-ca.by-global-root" in done.stdout)
    done = context.program.run("catalogue", "twca-cyber-root-ca.self-signed")
    checks.equal("catalogue SLUG: exit code", done.returncode, 0)
    context.refuses("catalogue of an unknown slug", "catalogue", "no-such-slug", mentions=["no-such-slug"])


def main():
    with harness.practice() as given:
        context = Context(*given)
        for part in (usage, inputs_kept, unused_addresses, few_descriptors, closed_input, bad_files, exit_codes, reports, writing_fails, timeouts, interrupted, targets_files, fix, catalogue):
            part(context)


main()
