"""Every report format of one run, each read by a reader that is not ours, and compared with the JSON report; the
plugin line and its exit codes; the support bundle; redaction, searched for in every octet that was written."""

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
import zipfile
from html.parser import HTMLParser

import jsonschema

import harness
import hostile

LEVELS = {"note", "warning", "error"}


class Text(HTMLParser):
    """The visible text of a page, by the id of the innermost element that has one."""

    def __init__(self, page):
        super().__init__()
        self.by_id, self.stack, self.skip = {}, [], 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag in ("meta", "input", "br", "wbr"):
            return
        self.stack.append((tag, dict(attributes).get("id")))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if any(tag in ("style", "script") for tag, _ in self.stack):
            return
        for _, identifier in self.stack:
            if identifier:
                self.by_id.setdefault(identifier, []).append(data)
        self.by_id.setdefault("", []).append(data)

    def text(self, identifier=""):
        return re.sub(r"\s+", " ", "".join(self.by_id.get(identifier, [])))


def squeezed(text):
    return re.sub(r"\s+", " ", text).strip()


def html_says_what_json_says(checks, report, page):
    """Of every target its verdict and codes, and the words of the first finding of each code."""
    text = Text(page)
    told = set()
    for number, target in enumerate(report["targets"]):
        section = text.text(f"t{number}")
        if not checks.check(f"HTML: {target['target']} has a section", section != ""):
            continue
        checks.check(f"HTML: {target['target']} is named", target["target"] in section)
        for finding in target["findings"]:
            code = finding["code"]
            words = [finding["title"], finding["why"], *finding["fix"]]
            missing = [word for word in [code, *words] if squeezed(word) not in section]
            # In HTML a very long sentence is cut.
            missing = [word for word in missing if squeezed(word)[:150] not in section]
            checks.check(f"HTML: {target['target']}: {code} is told as in JSON", not missing, missing)
            told.add(code)
        row = text.text(f"r{number}")
        checks.check(f"HTML: the row of {target['target']} has the end of its certificate",
                     not target["chains"] or re.search(r"\d{4}-\d\d-\d\d", row) or "leaf" not in str(target["headline"]), row)
    checks.check("HTML: many kinds of findings were compared", len(told) >= 25, sorted(told))
    for code, count in report["summary"]["by_code"].items():
        checks.check(f"HTML: {code} is counted", code in text.text(), count)


def csv_says_what_json_says(checks, report, raw):
    checks.check("CSV: byte order mark", raw.startswith(b"\xef\xbb\xbf"))
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    wanted = [(target["target"], finding["code"], finding["severity"], finding["title"])
              for target in report["targets"] for finding in target["findings"] or [None] if finding]
    wanted_none = [target["target"] for target in report["targets"] if not target["findings"]]
    found = [(row["target"], row["code"], row["severity"], row["title"]) for row in rows if row["code"]]
    checks.equal("CSV: a row a finding", found, wanted)
    checks.equal("CSV: a row for each target without one", [row["target"] for row in rows if not row["code"]], wanted_none)
    verdicts = {target["target"]: target["verdict"] for target in report["targets"]}
    checks.check("CSV: verdicts", all(row["verdict"] == verdicts[row["target"]] for row in rows))


def junit_says_what_json_says(checks, report, raw):
    root = ElementTree.fromstring(raw)
    checks.equal("JUnit: root", root.tag, "testsuites")
    suites = list(root)
    checks.equal("JUnit: one suite", [suite.tag for suite in suites], ["testsuite"])
    cases = suites[0].findall("testcase")
    checks.equal("JUnit: a test case a target", [case.get("name") for case in cases],
                 [target["target"] for target in report["targets"]])
    for case, target in zip(cases, report["targets"]):
        kinds = [child.tag for child in case]
        expected = {"error": ["failure"], "unjudged": ["error"]}.get(target["verdict"])
        if expected is None:
            expected = ["system-out"] if target["findings"] else []
        checks.equal(f"JUnit: {target['target']}", kinds, expected)
        for finding in target["findings"]:
            checks.check(f"JUnit: {target['target']}: {finding['code']}", finding["code"] in "".join(case.itertext()))
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        checks.equal(f"JUnit: number of {name}", int(suites[0].get(name)), len(list(suites[0].iter(tag))))


def sarif_says_what_json_says(checks, report, raw):
    """The members that SARIF 2.1.0 requires, and the rules between them that its text states."""
    sarif = json.loads(raw)
    checks.equal("SARIF: members of the log", sorted(sarif), ["$schema", "runs", "version"])
    checks.equal("SARIF: version", sarif["version"], "2.1.0")
    run, = sarif["runs"]
    driver = run["tool"]["driver"]
    checks.check("SARIF: tool", driver["name"] == "chaintier" and re.fullmatch(r"\d+\.\d+\.\d+\S*", driver["semanticVersion"]))
    checks.check("SARIF: language", re.fullmatch(r"[a-zA-Z]{2}(-[a-zA-Z]{2})?", run["language"]))
    identifiers = [rule["id"] for rule in driver["rules"]]
    checks.equal("SARIF: rules once each", len(identifiers), len(set(identifiers)))
    for rule in driver["rules"]:
        good = (rule["shortDescription"]["text"] and rule["fullDescription"]["text"] and rule["help"]["text"]
                and rule["defaultConfiguration"]["level"] in LEVELS)
        checks.check(f"SARIF: rule {rule['id']}", good, rule)
    found, fingerprints = [], set()
    for result in run["results"]:
        checks.equal("SARIF: rule of a result", identifiers[result["ruleIndex"]], result["ruleId"])
        good = (result["message"]["text"] and result["kind"] in ("fail", "open")
                and (result["level"] in LEVELS if result["kind"] == "fail" else result["level"] == "none"))
        checks.check(f"SARIF: result {result['ruleId']}", good, result)
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        checks.equal("SARIF: artifact", run["artifacts"][artifact["index"]]["location"]["uri"], artifact["uri"])
        checks.check("SARIF: URI", re.fullmatch(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", artifact["uri"]), artifact)
        fingerprints.add(result["partialFingerprints"]["chaintierFinding/v1"])
        found.append((run["artifacts"][artifact["index"]]["description"]["text"], result["ruleId"]))
    wanted = [(target["target"], finding["code"]) for target in report["targets"] for finding in target["findings"]]
    checks.equal("SARIF: a result a finding", found, wanted)
    checks.equal("SARIF: fingerprints differ", len(fingerprints), len(run["results"]))
    invocation, = run["invocations"]
    checks.equal("SARIF: invocation", invocation["executionSuccessful"], True)


SERIES = re.compile(r'([a-z_:]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (-?[0-9.]+)')


def prometheus_says_what_json_says(checks, report, raw):
    lines = raw.decode().splitlines()
    values = {}
    for line in lines:
        if line.startswith("# "):
            checks.check(f"Prometheus: {line[:60]}", re.fullmatch(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ gauge)", line))
            continue
        match = SERIES.fullmatch(line)
        if checks.check("Prometheus: a line", match, line):
            key = match[1], match[2]
            checks.check("Prometheus: a series once", key not in values, line)
            values[key] = float(match[3])
    for verdict, count in report["summary"]["by_verdict"].items():
        checks.equal(f"Prometheus: {verdict}", values[("chaintier_targets", f'verdict="{verdict}"')], count)
    numbers = {"ok": 0, "note": 1, "warning": 2, "error": 3, "unjudged": -1}
    for target in report["targets"]:
        key = "chaintier_target_verdict", f'target="{target["target"]}",tag=""'
        checks.equal(f"Prometheus: {target['target']}", values.get(key), numbers[target["verdict"]])
        for client in target["chains"][0]["clients"] if len(target["chains"]) == 1 else []:
            key = ("chaintier_client_verdict",
                   f'target="{target["target"]}",client="{client["client"]}",verdict="{client["verdict"]}"')
            checks.check(f"Prometheus: {target['target']}: {client['client']}", values.get(key) == 1)


def readers(checks, what, files):
    """Each format by a program that reads it, or by its schema."""
    run = lambda command, file: subprocess.run(command, stdin=file.open("rb"), capture_output=True, text=True, timeout=60,
                                               env={"PATH": "/usr/sbin:/usr/bin:/bin"})
    done = run(["promtool", "check", "metrics"], files["prometheus"])
    checks.check(f"{what}: promtool finds nothing", done.returncode == 0 and not done.stderr.strip(), done.stderr[-500:])
    done = run(["xmllint", "--noout", "--nonet", "--huge", "--schema", harness.ROOT / "tests/end_to_end/junit.xsd", "-"], files["junit"])
    checks.check(f"{what}: JUnit XML by its schema", done.returncode == 0, done.stderr[-500:])
    schema = json.loads((harness.ROOT / "tests/end_to_end/sarif.schema.json").read_text())
    errors = [f"{list(error.absolute_path)}: {error.message[:200]}"
              for error in jsonschema.Draft202012Validator(schema).iter_errors(json.loads(files["sarif"].read_text()))]
    checks.equal(f"{what}: SARIF by its schema", errors, [])
    checks.equal(f"{what}: JSON by its schema", harness.validator()(json.loads(files["json"].read_text())), [])
    rows = list(csv.reader(io.StringIO(files["csv"].read_bytes().decode("utf-8-sig"), newline=""), strict=True))
    checks.check(f"{what}: CSV is a rectangle", len(rows) > 1 and {len(row) for row in rows} == {len(rows[0])}, rows[:1])
    formulas = [cell[:40] for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not re.fullmatch(r"-?\d+", cell)]
    checks.equal(f"{what}: no cell of the CSV is a formula", formulas, [])


# What no report for people may hold as it is: a terminal or a viewer would act on it.
ACTING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def hostile_everywhere(checks, program, chains, folder):
    """Certificates, file and target names and tags that try to break out, in every format at once."""
    pem = folder / "hostile <b>\u202ename&\".pem"
    pem.write_text(hostile.pem())
    targets = folder / "targets.txt"
    port, = harness.free_ports(1)
    lines = [f"ok.practice.test@{harness.ADDRESS}:{port},<b>tag\u202e&\"'=cmd()", "<script>alert(1)</script>",
             "=cmd|' /C calc'!A0", "a" * 65536 + ".test", "\u202egnp.test\x1b[31m", "x.test:99999"]
    targets.write_text("\n".join(lines) + "\n")
    runs = {"hostile certificates": ["inspect", "--served", pem, "--host", "ok.practice.test", "--catalogue", chains.catalogue,
                                     "--time", harness.JUDGED_AT],
            "hostile targets": ["scan", "--targets", targets]}
    for what, run in runs.items():
        names = ("json", "html", "csv", "junit", "sarif", "prometheus")
        files = {name: folder / f"{what}.{name}" for name in names}
        for language in ("zh-TW", "en"):
            done = program.run(*run, "--lang", language, *[part for name, file in files.items() for part in (f"--{name}", file)])
            if not checks.check(f"{what}: judged", done.returncode in (1, 3), (done.returncode, done.stderr.decode()[-300:])):
                continue
            readers(checks, f"{what}, {language}", files)
            shown = {name: files[name].read_bytes().decode("utf-8-sig") for name in names}
            shown["terminal"], shown["standard error"] = done.stdout.decode(), done.stderr.decode()
            for name, text in shown.items():
                if name == "json":
                    continue
                found = sorted({hex(ord(c)) for c in ACTING.findall(text)})
                if name == "csv":  # its rows end with CR LF
                    text = text.replace("\r\n", "\n")
                    found = sorted({hex(ord(c)) for c in ACTING.findall(text)})
                checks.equal(f"{what}, {language}: {name} holds nothing that acts", found, [])
            checks.check(f"{what}, {language}: HTML shows no markup of theirs",
                         not re.search(r'<script>(?!"use strict")|<b>|<img', shown["html"]), re.findall(r"<script>.{30}", shown["html"]))


def all_formats(checks, program, folder):
    """The practice fleet, in every format at once."""
    files = {name: folder / f"all.{name}" for name in ("json", "html", "csv", "junit", "sarif", "prometheus", "bundle")}
    options = [part for name, file in files.items() for part in (f"--{name}", file)]
    done = program.run("demo", "--lang", "en", *options, cwd=folder, timeout=120)
    if not checks.equal("demo in all formats: exit code", done.returncode, 0):
        return
    report = json.loads(files["json"].read_text())
    checks.equal("the JSON report is valid", harness.validator()(report), [])
    html_says_what_json_says(checks, report, files["html"].read_text())
    csv_says_what_json_says(checks, report, files["csv"].read_bytes())
    junit_says_what_json_says(checks, report, files["junit"].read_bytes())
    sarif_says_what_json_says(checks, report, files["sarif"].read_bytes())
    prometheus_says_what_json_says(checks, report, files["prometheus"].read_bytes())
    readers(checks, "demo", files)
    with zipfile.ZipFile(files["bundle"]) as bundle:
        checks.equal("bundle: intact", bundle.testzip(), None)
        checks.equal("bundle: the same report", json.loads(bundle.read("report.json")), report)
        chains = [name for name in bundle.namelist() if name.endswith(".pem")]
        checks.equal("bundle: a file a chain", len(chains), sum(len(target["chains"]) for target in report["targets"]))
        for name in bundle.namelist():
            checks.check(f"bundle: no private key in {name}", b"PRIVATE KEY" not in bundle.read(name))
    checks.check("no half-written file is left", not list(folder.glob("*.part")))


def inspect(program, chains, identifier, *more, **options):
    return program.run("inspect", "--served", chains.file(identifier), "--host", f"{identifier}.practice.test",
                       "--catalogue", chains.catalogue, "--time", harness.JUDGED_AT, *more, **options)


def plugin(checks, program, chains, folder):
    port, = harness.free_ports(1)
    right = chains.file("new-right")
    cases = [
        ("right", lambda: inspect(program, chains, "new-right", "--nagios"), 0, "OK"),
        ("renewal due", lambda: inspect(program, chains, "renewal-due", "--nagios"), 1, "WARNING"),
        ("cross missing", lambda: inspect(program, chains, "cross-missing", "--nagios"), 2, "CRITICAL"),
        ("no answer", lambda: program.run("scan", f"x.practice.test@{harness.ADDRESS}:{port}", "--nagios"), 3, "UNKNOWN"),
        ("demo", lambda: program.run("demo", "--nagios", cwd=folder), 3, "UNKNOWN"),
        ("wrong usage", lambda: program.run("scan", "--nagios", "--nonsense"), 3, "UNKNOWN"),
        ("no file", lambda: program.run("inspect", "--nagios", "--served", folder / "none"), 3, "UNKNOWN"),
        ("report that cannot be written",
         lambda: program.run("inspect", "--nagios", "--served", right, "--json", folder / "no" / "where"), 3, "UNKNOWN"),
    ]
    for what, run, code, state in cases:
        done = run()
        line = done.stdout.decode()
        checks.equal(f"plugin, {what}: exit code", done.returncode, code)
        checks.check(f"plugin, {what}: one line", line.count("\n") == 1 and line.startswith(f"CHAINTIER {state} - "), line)
        if "|" in line:
            data = line.split(" | ")[1].split()
            good = all(re.fullmatch(r"[a-z_]+=-?\d+(;[0-9:]*){0,4}", item) for item in data)
            checks.check(f"plugin, {what}: performance data", good, line)
        else:
            checks.check(f"plugin, {what}: performance data is there", what not in ("right", "no answer"), line)
    done = inspect(program, chains, "new-right", "--nagios", "--json", "-")
    checks.equal("plugin and a report on standard output: exit code", done.returncode, 3)


def standard_output(checks, program, chains):
    for option, start in (("--csv", b"\xef\xbb\xbf"), ("--junit", b"<?xml"), ("--sarif", b"{"), ("--prometheus", b"# HELP"),
                          ("--bundle", b"PK\x03\x04"), ("--html", b"<!DOCTYPE html>"), ("--json", b"{")):
        done = inspect(program, chains, "cross-missing", option, "-")
        checks.equal(f"{option} -: exit code", done.returncode, 1)
        checks.check(f"{option} -: the report and nothing else", done.stdout.startswith(start), done.stdout[:60])
        again = inspect(program, chains, "cross-missing", option, "-")
        checks.check(f"{option} -: the same octets for the same input", again.stdout == done.stdout)
    for language, tag in (("en", "en"), ("zh-TW", "zh-Hant-TW")):
        page = inspect(program, chains, "cross-missing", "--html", "-", "--lang", language).stdout.decode()
        checks.check(f"--lang {language}: that language alone", f'<html lang="{tag}">' in page and "<input" not in page)
    page = inspect(program, chains, "cross-missing", "--html", "-").stdout.decode()
    checks.check("without --lang: both languages", '<div class="in-en"' in page and '<div class="in-zh"' in page)
    done = inspect(program, chains, "cross-missing", "--csv", "-", "--sarif", "-")
    checks.equal("two reports on standard output: exit code", done.returncode, 2)


def bundle(checks, program, chains, folder):
    file = folder / "support.zip"
    inspect(program, chains, "cross-missing", "--bundle", file)
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = archive.namelist()
        checks.equal("bundle: entries in order", names, sorted(names))
        checks.equal("bundle: digests", manifest["sha256"],
                     {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names if name != "manifest.json"})
        checks.check("bundle: what was asked", "--bundle" in manifest["asked"] and manifest["asked"][0] == "inspect", manifest)
        checks.equal("bundle: when", manifest["judged_at"], harness.JUDGED_AT)
        checks.check("bundle: versions", manifest["crypto"].startswith("OpenSSL 3") and manifest["catalogue_date"]
                     and manifest["client_data_date"] and manifest["tool"]["version"], manifest)
        pages = {name: archive.read(name).decode() for name in names if name.endswith(".html")}
        checks.check("bundle: both languages", sorted(pages) == ["report.en.html", "report.zh-TW.html"]
                     and '<html lang="en">' in pages["report.en.html"]
                     and '<html lang="zh-Hant-TW">' in pages["report.zh-TW.html"], sorted(pages))
        chain, = [name for name in names if name.endswith(".pem")]
        pem = archive.read(chain).decode()
        import ssl

        blocks = re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----\n", pem, re.S)
        found = [hashlib.sha256(ssl.PEM_cert_to_DER_cert(block)).hexdigest() for block in blocks]
        checks.equal("bundle: the chain as served", found, chains.fingerprints("cross-missing"))


def everything_in(raw):
    """The octets, those of a ZIP's entries, and what base64 in them stands for."""
    found = [raw]
    if raw.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                found += [name.encode(), *everything_in(archive.read(name))]
        return found
    for run in re.findall(rb"(?:[A-Za-z0-9+/=]{16,}(?:\\n|\n)?)+", raw):
        packed = re.sub(rb"[^A-Za-z0-9+/]", b"", run.replace(b"\\n", b""))
        found.append(base64.b64decode(packed[: len(packed) // 4 * 4]))
    return found


def redaction(checks, program, folder):
    """The practice fleet has nothing but internal names (.test) and addresses (127.0.0.0/8)."""
    secret = re.compile(rb"practice\.test|127\.\d+\.\d+\.\d+", re.I)
    for redact in (False, True):
        names = ("json", "html", "csv", "junit", "sarif", "prometheus", "bundle")
        files = {name: folder / f"{redact}.{name}" for name in names}
        options = [part for name, file in files.items() for part in (f"--{name}", file)]
        done = program.run("demo", *options, *(["--redact"] if redact else []), cwd=folder, timeout=120)
        outputs = {name: file.read_bytes() for name, file in files.items()} | {"terminal": done.stdout}
        for name, raw in outputs.items():
            hits = sorted({hit for piece in everything_in(raw) for hit in secret.findall(piece)})
            if redact:
                checks.equal(f"redacted {name}: internal names and addresses", hits, [])
            else:
                checks.check(f"{name} without --redact has them", hits)
        if redact:
            report = json.loads(outputs["json"])
            checks.equal("the redacted report is valid", harness.validator()(report), [])
            tokens = {target["host"] for target in report["targets"] if target["host"]}
            checks.check("different names have different tokens", len(tokens) > 25, tokens)
            public = [entry["pem"] for entry in report["certificates"].values() if "pem" in entry]
            checks.check("octets are left out", "" in public)


def redaction_of_spellings(checks, program, chains, folder):
    """Internal names and addresses in every field of a certificate, in file names, and spelt in many ways."""
    secret = re.compile("corp\\.local|dc=corp|ad\\.firma|10[.-]9[.-]8[.-]7|7\\.8\\.9\\.10|a09:807|fd12:3456|web01|蜥蜴|xn--3e2a4a", re.I)
    urls = [b"http://reader@PKI.ad.firma:8080/ca.crt", b"ldap:///CN=x,CN=WEB01,CN=CDP,DC=corp,DC=local?base",
            b"http://[fd12:3456::9]/ca.crt", b"http://[::ffff:10.9.8.7]/x", b"mailto:admin@mail.corp.local"]
    names = [b"ERP.AD.Firma", b"*.wild.corp.local", b"ip-10-9-8-7.example.com", b"7.8.9.10.in-addr.arpa", b"www.example.com.tw",
             "蜥蜴.ad.firma".encode("idna"), b"web01.corp.local."]
    for number, (url, host) in enumerate(zip(urls, ("erp.ad.firma", "ERP.AD.FIRMA.", "蜥蜴.ad.firma", "蜥蜴。ad.firma", "10.9.8.7"))):
        leaf = hostile.certificate(b"Web01.Corp.Local", b"web01.corp.local CA", names, url)
        issuer = hostile.certificate(b"web01.corp.local CA", b"10.9.8.7", [b"10.9.8.7"], url)
        pem = folder / f"old-web01.corp.local_2026-10.9.8.7-{number}.pem"
        pem.write_text(hostile.pem([leaf, issuer]))
        files = {name: folder / f"spellings-{number}.{name}" for name in ("json", "jsonl", "html", "csv", "junit", "sarif", "prometheus", "bundle")}
        options = [part for name, file in files.items() for part in (f"--{name}", file)]
        for redact in (["--redact"], []):
            done = program.run("inspect", "--served", pem, "--host", host, "--catalogue", chains.catalogue, "--time", harness.JUDGED_AT,
                               *options, *redact)
            if not checks.equal(f"{url}, {host}: judged", done.returncode, 1):
                checks.check("why", False, done.stderr.decode()[-300:])
                continue
            outputs = {name: file.read_bytes() for name, file in files.items()} | {"terminal": done.stdout}
            for name, raw in outputs.items():
                hits = sorted({hit for piece in everything_in(raw) for hit in secret.findall(piece.decode(errors="replace"))})
                if redact:
                    checks.equal(f"redacted {name}, {url}, {host}", hits, [])
                elif name != "prometheus":  # which names its target only
                    checks.check(f"{name} without --redact has them", hits)


def redaction_of_lines(checks, program, folder):
    """A name that is internal for its address alone is not shown by what the lines say of the whole run either."""
    expected = folder / "erp.mybank.com"
    expected.mkdir()
    (expected / "leaf.pem").write_text(hostile.pem([hostile.certificate(b"erp.mybank.com", b"Some CA", [b"erp.mybank.com"], b"http://a.example/")]))
    for redact in (["--redact"], []):
        done = program.run("scan", "erp.mybank.com:9", "--resolve", "erp.mybank.com=127.0.0.1", "--expect", expected,
                           "--no-aia", "--jsonl", "-", *redact)
        lines = [line for line in done.stdout.splitlines() if line.startswith(b"{")]
        checks.equal("a line for the target", len(lines), 1)
        checks.equal(f"the line has the name {redact}", b"mybank" in b"".join(lines), not redact)


def main():
    with harness.practice() as (checks, program, chains, folder):
        all_formats(checks, program, folder)
        plugin(checks, program, chains, folder)
        standard_output(checks, program, chains)
        bundle(checks, program, chains, folder)
        redaction(checks, program, folder)
        redaction_of_spellings(checks, program, chains, folder)
        redaction_of_lines(checks, program, folder)
        hostile_everywhere(checks, program, chains, folder)


if __name__ == "__main__":
    main()
