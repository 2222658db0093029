"""With the catalogue of another CA nothing is said of TWCA; the command that checks again repeats what was given."""

import json
import re
import shlex
from pathlib import Path

import harness
from small_pki import HOST, SmallPki, TlsServer

OF_TWCA = re.compile("TWCA|twca|cert\\.zip|uca[_.]|server\\.cer|manual [0-9]|\u624b\u518a")
# Clients are called what they are, whoever's certificates are judged.
CLIENTS = re.compile("TWCA CYBER Root CA disabled|\u5df2\u505c\u7528 TWCA CYBER Root CA|what manual 5.4 has imported")
DATES = ("20260301000000Z", "20261215000000Z")
PAST = ("20250301000000Z", "20260115000000Z")


class Context:
    def __init__(self, checks, program, folder):
        self.checks = checks
        self.program = program
        self.folder = folder
        self.validate = harness.validator()
        self.pki = SmallPki(folder / "pki")
        self.pki.leaf("leaf", DATES)
        self.pki.leaf("past", PAST)
        self.catalogue = self.pki.catalogue(folder / "another ca")
        # What is expected: the whole chain.
        self.expected = folder / "it's issued.pem"
        self.expected.write_text(self.pki.pem("leaf", "ssl_ca", "cross"))

    def run(self, *arguments):
        return self.program.run(*arguments, "--catalogue", self.catalogue, "--time", harness.JUDGED_AT)


def of_twca(page):
    return OF_TWCA.findall(CLIENTS.sub("", " ".join(page.split())))


def texts(context, what, target):
    """Every text of every finding."""
    for finding in target["findings"]:
        for text in (finding["title"], finding["why"], *finding["fix"]):
            context.checks.check(f"{what}, {finding['code']}: nothing of TWCA", not OF_TWCA.search(text), text)
        context.checks.equal(f"{what}, {finding['code']}: no section of the manual", finding["manual"], None)


def findings(context):
    """Faults of several kinds, in both languages and every form."""
    checks = context.checks
    for language in ("en", "zh-TW"):
        for names in (("leaf",), ("leaf", "cross"), ("past", "ssl_ca", "cross"), ("leaf", "ssl_ca"), ("leaf", "ssl_ca", "cross")):
            what = f"{language}, {' '.join(names)}"
            served = context.folder / "served.pem"
            served.write_text(context.pki.pem(*names))
            common = ["inspect", "--served", served, "--host", HOST, "--lang", language]
            done = context.run(*common, "--json", "-")
            report = json.loads(done.stdout)
            checks.equal(f"{what}: report is valid", context.validate(report), [])
            checks.equal(f"{what}: whose catalogue", report["data"]["catalogue_of"], "other")
            checks.check(f"{what}: there are findings", report["targets"][0]["findings"] or len(names) == 3, report["targets"][0])
            texts(context, what, report["targets"][0])
            html = context.run(*common, "--html", "-").stdout.decode()
            body = html[html.index("<body") :]
            checks.check(f"{what}: nothing of TWCA in HTML", not of_twca(body), of_twca(body))
            screen = context.run(*common).stdout.decode()
            checks.check(f"{what}: nothing of TWCA on the terminal", not of_twca(screen), screen)
            checks.check(f"{what}: no page about TWCA on the terminal", "chaintier explain" not in screen, screen)
            # Read back, it is the same: without --catalogue too.
            written = context.folder / "written.json"
            written.write_bytes(done.stdout)
            again = context.program.run("merge", written, "--json", "-", "--lang", language).stdout
            checks.check(f"{what}: the same when read again", again == done.stdout, again[:300])


def with_twca(context, chains):
    """The same faults under a copy of TWCA's structure do speak of it."""
    done = context.program.run(
        "inspect", "--served", chains.file("leaf-only"), "--catalogue", chains.catalogue, "--time", harness.JUDGED_AT,
        "--json", "-", "--lang", "en",
    )  # fmt: skip
    report = json.loads(done.stdout)
    context.checks.equal("a copy of TWCA's structure", report["data"]["catalogue_of"], "twca")
    steps = " ".join(step for finding in report["targets"][0]["findings"] for step in finding["fix"])
    context.checks.check("speaks of TWCA's files", "cert.zip" in steps, steps)


def fix(context):
    out = context.folder / "fixed"
    done = context.run("fix", "--leaf", context.pki.file("past"), "--out", out, "--lang", "en")
    said = done.stdout.decode().replace("server.cer", "").replace("uca_", "")
    context.checks.equal("fix: exit code", done.returncode, 1)
    context.checks.check("fix: nothing of TWCA", not OF_TWCA.search(said), said)
    context.checks.check("fix: says that the certificate has expired", "expired on" in said, said)


def check_again(context):
    """The command is what was typed, and can be pasted into a shell."""
    checks = context.checks
    with TlsServer([context.pki.context("leaf")]) as server:
        target = f"{HOST}:{server.port}"
        given = ["--resolve", f"{HOST}={harness.ADDRESS}", "--samples", "2", "--client", f"our own={context.pki.file('leaf')}"]
        done = context.run("scan", target, *given, "--resolve", "b.test=192.0.2.1", "--expect", context.expected, "--json", "-", "--lang", "en")
        report = json.loads(done.stdout)
        steps = [step for finding in report["targets"][0]["findings"] for step in finding["fix"] if "chaintier scan" in step]
        command = shlex.split(steps[0][steps[0].index("chaintier scan") :])
        again = json.loads(context.program.run(*command[1:], "--json", "-", "--lang", "en").stdout)
        screen = " ".join(context.run("scan", target, *given, "--expect", context.expected, "--lang", "en").stdout.decode().split())
    checks.check("on the terminal too, to its end", f"--resolve {given[1]} --samples 2 --no-aia" in screen, screen)
    checks.equal("pasted, it finds the same", harness.codes(again["targets"][0]), harness.codes(report["targets"][0]))
    checks.check("there are steps with the command", len(steps) >= 2, report["targets"][0]["findings"])
    wanted = ["chaintier", "scan", target, "--expect", str(context.expected), "--catalogue", str(context.catalogue)]
    wanted += ["--client", given[5], "--time", harness.JUDGED_AT, "--resolve", given[1], "--samples", "2", "--no-aia"]
    for step in steps:
        checks.equal("the command", shlex.split(step[step.index("chaintier scan") :]), wanted)


def main():
    path, tool = harness.arguments()
    checks = harness.Checks()
    with harness.temporary_folder() as name:
        folder = Path(name)
        chains = harness.PracticeChains(tool, folder / "practice")
        context = Context(checks, harness.Program(path), folder)
        findings(context)
        with_twca(context, chains)
        fix(context)
        check_again(context)
    checks.finish()


main()
