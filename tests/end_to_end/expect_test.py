"""--expect, stale machines, and issuers fetched over HTTP: the built program against servers on loopback."""

import hashlib
import io
import json
import socket
import ssl
import subprocess
import zipfile
from pathlib import Path

import harness
from small_pki import HOST, Downloads, SmallPki, TlsServer

OLD = ("20260301000000Z", "20261215000000Z")
NEW = ("20261101000000Z", "20270515000000Z")


class Context:
    def __init__(self, checks, program, folder):
        self.checks = checks
        self.program = program
        self.folder = folder
        self.validate = harness.validator()
        self.pki = SmallPki(folder / "pki")
        self.pki.leaf("old", OLD)
        self.pki.leaf("new", NEW)
        self.judge = ["--catalogue", self.pki.catalogue(folder / "catalogue"), "--time", harness.JUDGED_AT]

    def chain(self, leaf):
        return self.pki.context(leaf, "ssl_ca", "cross")

    def report(self, what, *arguments, code=None):
        done = self.program.run(*arguments, *self.judge, "--json", "-")
        if code is not None:
            self.checks.equal(f"{what}: exit code", done.returncode, code)
        try:
            report = json.loads(done.stdout)
        except ValueError:
            self.checks.check(f"{what}: a report", False, done.stdout[:300] + done.stderr)
            raise
        self.checks.equal(f"{what}: report is valid", self.validate(report), [])
        return report

    def scan(self, what, port, *arguments, addresses=harness.ADDRESS, code=None):
        return self.report(
            what, "scan", f"{HOST}:{port}", "--resolve", f"{HOST}={addresses}", *arguments, code=code
        )["targets"][0]


def zip_of(files):
    """Names in Big5 are written as the octets they are, as a Windows in Chinese does."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    raw = content.getvalue()
    return raw


def cert_zip(context, folder_octets=b"cert"):
    """The four files that TWCA mails, in a folder."""
    placeholder = "X" * len(folder_octets)
    names = {"root.cer": "old_root", "uca_1.cer": "ssl_ca", "uca_2.cer": "cross", "server.cer": "new"}
    raw = zip_of({f"{placeholder}/{name}": context.pki.pem(source) for name, source in names.items()})
    return raw.replace(placeholder.encode() + b"/", folder_octets + b"/")


def finding(target, code):
    return next((one for one in target["findings"] if one["code"] == code), None)


def right_chain(context):
    checks = context.checks
    expected = context.folder / "cert.zip"
    expected.write_bytes(cert_zip(context, "\u6191\u8b49".encode("big5")))
    with TlsServer([context.chain("new")]) as server:
        target = context.scan("right chain", server.port, "--expect", expected)
        samples = target["endpoints"][0]["samples"]
        checks.equal("right chain: five samples with --expect", len(samples), 5)
        checks.equal("right chain: no difference", target["chains"][0]["expected"]["differences"], [])
        checks.equal("right chain: applies", target["chains"][0]["expected"]["applies"], True)
        checks.equal("right chain: issued", target["chains"][0]["expected"]["issued"], target["chains"][0]["served"])
        checks.check("right chain: nothing unexpected", not finding(target, "chain.unexpected"), harness.codes(target))
        share = target["balance"]["certainty"][0]["excluded_share"]
        checks.check("right chain: what five samples exclude", abs(share - (1 - 0.05 ** (1 / 5))) < 1e-9, share)
        for language, words in (("en", "0 of 5 answers. With 95 % confidence fewer than 45.1 %"), ("zh-TW", "45.1 %")):
            page = context.folder / f"page.{language}.html"
            done = context.program.run(
                "scan", f"{HOST}@{harness.ADDRESS}:{server.port}", "--expect", expected, "--lang", language,
                "--html", page, *context.judge,
            )
            text = " ".join(done.stdout.decode().split())
            checks.check(f"right chain: certainty on the terminal ({language})", words in text, text)
            checks.check(f"right chain: certainty in the page ({language})", words in page.read_text(), "")
    context.pki.leaf("other", NEW, host="other.expect.test")
    with TlsServer([context.chain("other")]) as server:
        other = context.report(
            "other name", "scan", f"other.expect.test@{harness.ADDRESS}:{server.port}", "--expect", expected, code=0
        )["targets"][0]
        checks.check("other name: not compared", finding(other, "chain.not_compared"), harness.codes(other))
        checks.check("other name: no false alarm", not finding(other, "chain.unexpected"), harness.codes(other))
    # The same as a folder, PEM, DER, PKCS#7, and with an archive within the folder.
    unpacked = context.folder / "unpacked" / "deeper"
    unpacked.mkdir(parents=True)
    for name, source in (("a", "ssl_ca"), ("b", "cross"), ("c", "new"), ("d", "old_root")):
        (unpacked / name).write_text(context.pki.pem(source))
    pem = context.folder / "issued.pem"
    pem.write_text(context.pki.pem("old_root", "cross", "ssl_ca", "new"))
    context.pki.openssl("crl2pkcs7", "-nocrl", "-certfile", pem, "-outform", "DER", "-out", context.folder / "issued.p7b")
    served = context.folder / "served.pem"
    served.write_text(context.pki.pem("new", "ssl_ca", "cross"))
    (context.folder / "issued.der").write_bytes(ssl.PEM_cert_to_DER_cert(context.pki.pem("new")))
    with_archive = context.folder / "with-archive"
    with_archive.mkdir()
    (with_archive / "cert.zip").write_bytes(cert_zip(context))
    for path in (unpacked.parent, pem, context.folder / "issued.p7b", context.folder / "issued.der", with_archive):
        target = context.report(path.name, "inspect", "--served", served, "--host", HOST, "--expect", path)["targets"][0]
        checks.equal(f"{path.name}: no difference", target["chains"][0]["expected"]["differences"], [])


def unexpected(context):
    checks, pki = context.checks, context.pki
    expected = context.folder / "cert.zip"
    served = context.folder / "served.pem"
    fingerprint = {}
    for name in ("old", "new", "ssl_ca", "cross", "new_root"):
        der = ssl.PEM_cert_to_DER_cert(pki.pem(name))
        fingerprint[name] = hashlib.sha256(der).hexdigest()
    for names, wanted in (
        (["new"], [("missing", None, "ssl_ca"), ("missing", None, "cross")]),
        (["new", "ssl_ca", "new_root"], [("other_issuer", "new_root", "cross")]),
        (["new", "cross", "ssl_ca"], [("order", None, None)]),
        (["old", "ssl_ca", "cross"], [("older_leaf", "old", "new")]),
    ):
        served.write_text(pki.pem(*names))
        target = context.report(
            f"unexpected {names}", "inspect", "--served", served, "--host", HOST, "--expect", expected, code=1
        )["targets"][0]
        wanted = [
            {"kind": kind, "served": fingerprint.get(a), "issued": fingerprint.get(b)} for kind, a, b in wanted
        ]
        checks.equal(f"unexpected {names}", target["chains"][0]["expected"]["differences"], wanted)
        checks.check(f"unexpected {names}: finding", finding(target, "chain.unexpected"), harness.codes(target))


def stale(context):
    checks = context.checks
    expected = context.folder / "cert.zip"
    saved = context.folder / "saved.json"
    with TlsServer([context.chain(name) for name in ("new", "new", "old", "new")]) as server:
        target = context.scan(
            "one of four", server.port, "--expect", expected, "--samples", "8", "--per-address", "1", "--save", saved,
            code=1,
        )
        found = finding(target, "balance.stale")
        if checks.check("one of four: stale", found, harness.codes(target)):
            checks.equal("one of four: how often", (found["facts"]["seen"], found["facts"]["total"]), (2, 8))
            checks.equal("one of four: where", found["facts"]["addresses"], [f"{harness.ADDRESS}:{server.port} (2/8)"])
        checks.check("one of four: unexpected", finding(target, "chain.unexpected"), harness.codes(target))
        groups = [(group["count"], group["stale"]) for group in target["balance"]["groups"]]
        checks.equal("one of four: groups", groups, [(6, False), (2, True)])
        again = context.report("diagnose", "diagnose", saved, "--expect", expected, code=1)["targets"][0]
        checks.equal("diagnose: the same", again["findings"], target["findings"])
        without = context.report("diagnose without", "diagnose", saved)["targets"][0]
        checks.check("diagnose without --expect: stale by date", finding(without, "balance.stale"), harness.codes(without))
        checks.equal("diagnose without --expect: nothing compared", without["chains"][0]["expected"], None)


def both_families(context):
    checks = context.checks
    with TlsServer([context.chain("new")]) as first:
        try:
            second = TlsServer([context.chain("old")], address="::1", port=first.port)
        except OSError as reason:
            print(f"no IPv6 loopback, or its port is taken: {reason}")
            return
        with second:
            target = context.scan("IPv6 old", first.port, "--samples", "2", addresses=f"{harness.ADDRESS},::1", code=1)
    found = finding(target, "balance.stale")
    if checks.check("IPv6 old: stale", found, harness.codes(target)):
        checks.equal("IPv6 old: where", [place["address"] for place in found["where"]], [f"[::1]:{first.port}"])


def origin(context):
    checks = context.checks
    with TlsServer([context.chain("old")]) as edge, TlsServer([context.chain("new")]) as behind:
        arguments = ["--origin", f"{harness.ADDRESS}:{behind.port}", "--samples", "2"]
        target = context.scan("origin", edge.port, *arguments, code=1)
        checks.check("origin: edge behind it", finding(target, "balance.edge_behind_origin"), harness.codes(target))
        checks.check("origin: not stale among themselves", not finding(target, "balance.stale"), harness.codes(target))
        target = context.scan("origin, expected", edge.port, *arguments, "--expect", context.folder / "cert.zip")
        checks.check("origin: edge behind it", finding(target, "balance.edge_behind_origin"), harness.codes(target))


def default_certificate(context):
    checks = context.checks
    by_name, default = context.chain("new"), context.chain("old")

    def choose(stream, name, _):
        if name == HOST:
            stream.context = by_name

    default.sni_callback = choose
    with TlsServer([default]) as server:
        target = context.scan(
            "default", server.port, "--also-without-sni", "--expect", context.folder / "cert.zip", "--samples", "2"
        )
    checks.check("default: told", finding(target, "sni.default_differs"), harness.codes(target))
    checks.check("default: not stale", not finding(target, "balance.stale"), harness.codes(target))
    checks.check("default: not unexpected", not finding(target, "chain.unexpected"), harness.codes(target))


def bad_input(context):
    checks, folder = context.checks, context.folder
    served = folder / "served.pem"
    good = zip_of({"server.cer": context.pki.pem("new")})
    key = (context.pki.folder / "new.key").read_text()
    files = {
        "text.zip": b"PK\x03\x04 and nothing more",
        "cut.zip": good[: len(good) // 2],
        "bomb.zip": zip_of({"server.cer": b"\0" * (9 << 20)}),
        "authorities.zip": zip_of({"root.cer": context.pki.pem("old_root")}),
        "key.zip": zip_of({"server.key": key}),
        "damaged.zip": zip_of({"server.cer": context.pki.pem("new").replace("MII", "M?I")}),
        "page.html": b"<html>",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "empty-folder").mkdir()
    encrypted = bytearray(good)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(mark) + offset] |= 1
    (folder / "encrypted.zip").write_bytes(encrypted)
    for name, words in (
        ("text.zip", "ZIP"),
        ("cut.zip", "ZIP"),
        ("bomb.zip", "larger than 8 MiB"),
        ("authorities.zip", "CA certificates only"),
        ("key.zip", "private key"),
        ("damaged.zip", "server.cer: base64 damaged"),
        ("encrypted.zip", "password"),
        ("page.html", "HTML"),
        ("empty-folder", "no certificate"),
        ("none.zip", "none.zip"),
    ):
        output = folder / "not-written.json"
        done = context.program.run("inspect", "--served", served, "--expect", folder / name, "--json", output)
        said = done.stderr.decode()
        checks.equal(f"{name}: exit code", done.returncode, 2)
        checks.check(f"{name}: says why", words in said and name in said, said)
        checks.check(f"{name}: nothing is written", not output.exists())
    # A key beside the certificates is named and goes nowhere.
    served.write_text(context.pki.pem("new", "ssl_ca", "cross"))
    (folder / "with-key.zip").write_bytes(zip_of({"server.cer": context.pki.pem("new"), "server.key": key}))
    done = context.program.run(
        "inspect", "--served", served, "--host", HOST, "--expect", folder / "with-key.zip", "--json", "-", *context.judge
    )
    checks.check("a key: named", b"server.key holds a private key" in done.stderr, done.stderr)
    secret = key.split("\n")[1].encode()
    checks.check("a key: not shown", secret not in done.stdout + done.stderr, "")


def fetching(context):
    checks, pki, folder = context.checks, context.pki, context.folder
    files = {}
    with Downloads(files) as downloads:
        url = f"http://127.0.0.1:{downloads.port}"
        authority = "basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
        pki.request("far_ca", "Far CA")
        pki.sign(
            "far_ca", "far_ca", "old_root", authority + f"authorityInfoAccess=caIssuers;URI:{url}/root.crt\n",
            ("20200101000000Z", "20400101000000Z"),
        )
        pki.leaf("far", NEW, more=f"authorityInfoAccess=caIssuers;URI:{url}/far.crt\n", issuer="far_ca")
        files["/far.crt"] = ssl.PEM_cert_to_DER_cert(pki.pem("far_ca"))
        (folder / "far.pem").write_text(pki.pem("far"))
        saved = folder / "fetched.json"
        with TlsServer([pki.context("far")]) as server:
            arguments = ["--samples", "1", "--client", f"mine={pki.file('old_root')}"]
            target = context.scan("fetched", server.port, *arguments, "--aia-allow-private", "--save", saved, code=1)
            checks.equal("fetched: URLs", [one["url"] for one in target["fetched"]], [f"{url}/far.crt"])
            checks.equal("fetched: no error", [one["error"] for one in target["fetched"]], [None])
            checks.equal("fetched: asked once", downloads.asked, ["/far.crt"])
            issuer = target["fetched"][0]["certificates"]
            checks.equal("fetched: one certificate", len(issuer), 1)
            chain = target["chains"][0]
            checks.check("fetched: never as served", issuer[0] not in chain["served"], "")
            froms = [path["from"] for path in chain["paths"]]
            checks.check("fetched: path says so", ["served", "aia", "store"] in froms, froms)
            again = context.report("fetched, diagnosed", "diagnose", saved, *arguments[2:])["targets"][0]
            checks.equal("fetched, diagnosed: the same", again["fetched"], target["fetched"])
            checks.equal("fetched, diagnosed: paths", again["chains"][0]["paths"], chain["paths"])

            two = context.report(
                "two targets", "scan", f"{HOST}@{harness.ADDRESS}:{server.port}", f"{HOST}@127.88.0.1:{server.port}",
                f"b.expect.test@{harness.ADDRESS}:{server.port}", "--aia-allow-private",
            )["targets"]
            checks.equal("two targets: each has it", [len(one["fetched"]) for one in two], [1] * len(two))
            checks.equal("two targets: asked once", downloads.asked, ["/far.crt"] * 2)

            files["/far.crt"] = pki.pem("far_ca").encode()
            pem = context.scan("fetched as PEM", server.port, *arguments, "--aia-allow-private")
            checks.equal("fetched as PEM", pem["fetched"][0]["certificates"], issuer)
            pki.openssl("crl2pkcs7", "-nocrl", "-certfile", "far_ca.pem", "-outform", "DER", "-out", "far.p7c")
            files["/far.crt"] = (pki.folder / "far.p7c").read_bytes()
            bundle = context.scan("fetched as PKCS#7", server.port, *arguments, "--aia-allow-private")
            checks.equal("fetched as PKCS#7", bundle["fetched"][0]["certificates"], issuer)
            files["/far.crt"] = b"<html>"
            garbage = context.scan("garbage", server.port, *arguments, "--aia-allow-private", code=1)
            checks.check("garbage: told", "HTML" in garbage["fetched"][0]["error"], garbage["fetched"])
            checks.equal("garbage: no certificate", garbage["fetched"][0]["certificates"], [])
            del files["/far.crt"]
            gone = context.scan("gone", server.port, *arguments, "--aia-allow-private", code=1)
            checks.equal("gone", gone["fetched"][0]["error"], "HTTP status 404")

            before = len(downloads.asked)
            refused = context.scan("private", server.port, *arguments[2:], "--no-aia", code=1)
            checks.equal("--no-aia: nothing fetched", refused["fetched"], [])
            done = subprocess.run(
                [context.program.path, "scan", f"{HOST}@{harness.ADDRESS}:{server.port}", "--json", "-",
                 *map(str, context.judge)],
                env=context.program.environment, timeout=60, capture_output=True,
            )
            private = json.loads(done.stdout)["targets"][0]["fetched"]
            checks.check(
                "private addresses are refused", len(private) == 1 and "no public address" in private[0]["error"], private
            )
            checks.equal("private addresses are not asked", len(downloads.asked), before)


def this_machine(context):
    checks = context.checks
    with TlsServer([context.chain("new")], address="127.0.0.1") as server:
        by_name = context.report("localhost", "scan", f"localhost:{server.port}", "--address-family", "4", "--samples", "1")
        target = by_name["targets"][0]
        found = finding(target, "server.is_this_machine")
        checks.check("this machine: a name that leads to loopback", found, harness.codes(target))
        by_address = context.report("127.0.0.1", "scan", f"127.0.0.1:{server.port}", "--samples", "1")["targets"][0]
        checks.check(
            "this machine: loopback by number is no news", not finding(by_address, "server.is_this_machine"),
            harness.codes(by_address),
        )
    addresses = socket.gethostbyname_ex(socket.gethostname())[2]
    own = [address for address in addresses if not address.startswith("127.")]
    if own:
        with TlsServer([context.chain("new")], address=own[0]) as server:
            target = context.report("own", "scan", f"{HOST}@{own[0]}:{server.port}", "--samples", "1")["targets"][0]
            checks.check("this machine: an interface's", finding(target, "server.is_this_machine"), harness.codes(target))
            checks.equal("this machine: marked", target["endpoints"][0]["this_machine"], True)


def main():
    path, _ = harness.arguments()
    checks = harness.Checks()
    with harness.temporary_folder() as name:
        context = Context(checks, harness.Program(path), Path(name))
        for part in (right_chain, unexpected, stale, both_families, origin, default_certificate, bad_input, fetching, this_machine):
            part(context)
    checks.finish()


main()
