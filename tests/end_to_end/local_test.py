"""The local side: keys, certificates, requests, PFX and keystores made by the programs that people use; what
belongs to what; damaged files; and never an octet of a key or a password in any output."""

import csv
import datetime
import fcntl
import hashlib
import hmac
import io
import json
import os
import random
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import harness
import real_servers

PASSWORD = "Pass phrase 7f3a"
F_SETPIPE_SZ = 1031  # fcntl.F_SETPIPE_SZ from Python 3.10 on
SUBJECT = "/C=TW/ST=Taiwan/L=Taipei/O=Practice/CN="


def sh(*arguments, cwd=None, data=None):
    done = subprocess.run([str(a) for a in arguments], cwd=cwd, input=data, capture_output=True, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stderr.decode(errors='replace')}")
    return done.stdout


class Secrets:
    """What must never be seen: key material in every form that an output could have, and passwords."""

    def __init__(self):
        self.needles = {PASSWORD.encode(): "the password"}

    def add_key(self, path):
        der = sh("openssl", "pkey", "-in", path, "-outform", "DER")
        pem = sh("openssl", "pkey", "-in", path)
        self.needles[der[-64:]] = f"DER of {path}"
        for line in pem.splitlines()[2:-2]:
            if len(line) >= 40:
                self.needles[line.strip()] = f"base64 of {path}"
        # Private numbers by name; the modulus and the public exponent are public.
        shown = sh("openssl", "pkey", "-in", path, "-text", "-noout").decode()
        for name in ("privateExponent", "prime1", "prime2", "exponent1", "exponent2", "coefficient", "priv"):
            found = re.search(rf"^{name}:\n((?:    .*\n)+)", shown, re.M)
            if found:
                digits = re.sub(r"[^0-9a-f]", "", found.group(1)).removeprefix("00")
                self.needles[digits[:32].encode()] = f"{name} of {path}"
                self.needles[bytes.fromhex(digits[: len(digits) // 2 * 2])[:16]] = f"{name} of {path}"

    def seen_in(self, raw):
        lower = raw.lower()
        return [what for needle, what in self.needles.items() if needle in raw or needle in lower]


class Context:
    def __init__(self, checks, program, chains, folder):
        self.checks, self.program, self.chains, self.folder = checks, program, chains, folder
        self.validate = harness.validator()
        self.secrets = Secrets()
        self.passwords = folder / "passwords.txt"
        self.passwords.write_text(f"wrong\n\n{PASSWORD}\n")
        self.judge = ["--catalogue", chains.catalogue, "--time", harness.JUDGED_AT]

    def run(self, *arguments, **options):
        done = self.program.run("local", *arguments, *self.judge, **options)
        for name, raw in (("standard output", done.stdout), ("standard error", done.stderr)):
            self.checks.equal(f"local {arguments}: secrets in {name}", self.secrets.seen_in(raw), [])
            self.checks.check(f"local {arguments}: no exception shows", b"terminate called" not in raw, raw[-300:])
        self.checks.check(f"local {arguments}: an exit code of the contract", done.returncode in (0, 1, 2, 3), done)
        return done

    def report(self, *arguments):
        """The JSON report and the exit code; the other reports are written too, and searched for secrets."""
        for more in ([], ["--lang", "en", "--quiet"], ["--html", "-"], ["--lang", "en", "--html", "-"]):
            self.run(*arguments, *more)
        done = self.run(*arguments, "--json", "-", "--lang", "en")
        try:
            report = json.loads(done.stdout)
        except ValueError as error:
            self.checks.check(f"local {arguments}: JSON", False, f"{error} {done.stderr[-400:]}")
            return {"files": [], "servers": [], "stores": [], "targets": [], "certificates": {}}, done.returncode
        self.checks.equal(f"local {arguments}: follows the schema", self.validate(report), [])
        return report, done.returncode


def found(report):
    """{file name: sorted codes}"""
    return {Path(f["path"]).name: sorted({x["code"] for x in f["findings"]}) for f in report["files"]}


def make_leaf(folder, name, host, key_type="rsa:2048"):
    key = folder / f"{name}.key"
    if key_type.startswith("rsa"):
        sh("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{key_type[4:]}", "-out", key)
    elif key_type == "ed25519":
        sh("openssl", "genpkey", "-algorithm", "ED25519", "-out", key)
    else:
        sh("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{key_type}", "-out", key)
    key.chmod(0o600)
    # Valid around the time of judging, whatever the clock says.
    judged_at = datetime.datetime.fromisoformat(harness.JUDGED_AT.replace("Z", "+00:00"))
    days = lambda count: (judged_at + datetime.timedelta(days=count)).strftime("%Y%m%d%H%M%SZ")
    with tempfile.TemporaryDirectory(prefix="chaintier-") as place:
        (Path(place) / "index").write_text("")
        (Path(place) / "conf").write_text(f"[ca]\ndefault_ca=own\n[own]\ndatabase={place}/index\nnew_certs_dir={place}\npolicy=any\ndefault_md=default\nserial={place}/serial\n"
                                          f"x509_extensions=leaf\n[any]\ncommonName=supplied\n[leaf]\nsubjectAltName=DNS:{host}\n"
                                          "basicConstraints=critical,CA:FALSE\n")
        sh("openssl", "req", "-new", "-key", key, "-subj", SUBJECT + host, "-out", f"{place}/csr")
        sh("openssl", "ca", "-batch", "-selfsign", "-config", f"{place}/conf", "-keyfile", key, "-in", f"{place}/csr", "-preserveDN", "-notext",
           "-create_serial", "-startdate", days(-10), "-enddate", days(290), "-out", folder / f"{name}.crt")
    return key, folder / f"{name}.crt"


def kinds(context):
    """Every form of key, told by its content, opened with its password, and matched."""
    folder = context.folder / "kinds"
    folder.mkdir()
    key, certificate = make_leaf(folder, "rsa", "www.rsa.test")
    context.secrets.add_key(key)
    secret = ["-passout", f"pass:{PASSWORD}"]
    sh("openssl", "rsa", "-in", key, "-traditional", "-out", folder / "pkcs1")
    sh("openssl", "rsa", "-in", key, "-traditional", "-outform", "DER", "-out", folder / "pkcs1.der")
    sh("openssl", "rsa", "-in", key, "-traditional", "-aes256", *secret, "-out", folder / "pkcs1.locked")
    sh("openssl", "pkcs8", "-topk8", "-in", key, *secret, "-out", folder / "pkcs8.locked")
    sh("openssl", "pkcs8", "-topk8", "-in", key, *secret, "-outform", "DER", "-out", folder / "pkcs8.locked.der")
    sh("openssl", "pkcs8", "-topk8", "-scrypt", "-in", key, *secret, "-out", folder / "scrypt.locked")
    sh("openssl", "pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-in", key, *secret, "-out", folder / "old.locked")
    sh("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER", "-out", folder / "pkcs8.der")
    export = ["openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate, "-name", "rsa"]
    sh(*export, "-out", folder / "new.pfx", *secret)
    sh(*export, "-legacy", "-out", folder / "old.pfx", *secret)
    sh(*export, "-nomac", "-out", folder / "nomac.pfx", *secret)
    sh(*export, "-out", folder / "empty.pfx", "-passout", "pass:")
    sh("certtool", "--to-p12", "--load-privkey", key, "--load-certificate", certificate, "--p12-name", "gnutls", "--password", PASSWORD,
       "--outder", "--outfile", folder / "gnutls.pfx")
    database = context.folder / "nss"
    database.mkdir()
    sh("certutil", "-N", "-d", f"sql:{database}", "--empty-password")
    sh("pk12util", "-i", folder / "new.pfx", "-d", f"sql:{database}", "-W", PASSWORD, "-K", "")
    sh("pk12util", "-o", folder / "nss.pfx", "-n", "rsa", "-d", f"sql:{database}", "-W", PASSWORD, "-K", "")
    for name, kind in (("store.jks", "JKS"), ("store.jceks", "JCEKS"), ("java.p12", "PKCS12")):
        sh("keytool", "-importkeystore", "-srckeystore", folder / "new.pfx", "-srcstoretype", "PKCS12", "-srcstorepass", PASSWORD,
           "-destkeystore", folder / name, "-deststoretype", kind, "-deststorepass", PASSWORD, "-destkeypass", PASSWORD)
    sh("openssl", "crl2pkcs7", "-nocrl", "-certfile", certificate, "-out", folder / "bundle.p7b")
    sh("openssl", "x509", "-in", certificate, "-outform", "DER", "-out", folder / "der.txt")
    text = certificate.read_text()
    (folder / "utf16").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    (folder / "bom").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    (folder / "bare").write_text("".join(text.splitlines(True)[1:-1]))
    sh("openssl", "req", "-new", "-key", key, "-subj", SUBJECT + "www.rsa.test", "-out", folder / "good.csr")
    (folder / "new header.csr").write_text(
        (folder / "good.csr").read_text().replace("BEGIN CERT", "BEGIN NEW CERT").replace("END CERT", "END NEW CERT"))
    for path in folder.iterdir():
        path.chmod(0o600)

    report, code = context.report(folder, "--password-file", context.passwords)
    checks = context.checks
    checks.equal("kinds: exit code", code, 0)
    files = {Path(f["path"]).name: f for f in report["files"]}
    wanted = {"rsa.key": "pem", "rsa.crt": "pem", "pkcs1": "pem", "pkcs1.der": "der", "pkcs1.locked": "pem", "pkcs8.locked": "pem",
              "pkcs8.locked.der": "der", "scrypt.locked": "pem", "old.locked": "pem", "pkcs8.der": "der", "new.pfx": "pkcs12",
              "old.pfx": "pkcs12", "nomac.pfx": "pkcs12", "empty.pfx": "pkcs12", "gnutls.pfx": "pkcs12", "nss.pfx": "pkcs12",
              "store.jks": "jks", "store.jceks": "jceks", "java.p12": "pkcs12", "bundle.p7b": "pkcs7", "der.txt": "der", "utf16": "pem",
              "bom": "pem", "bare": "pem", "good.csr": "pem", "new header.csr": "pem"}
    checks.equal("kinds: by content", {name: f["kind"] for name, f in files.items()}, wanted)
    fingerprint = next(i["sha256"] for i in files["rsa.crt"]["items"])
    for name, file in files.items():
        checks.equal(f"{name}: readable", file["readable"], True)
        checks.check(f"{name}: something in it", file["items"], file)
        for item in file["items"]:
            checks.equal(f"{name}: {item['item']} checked", item["checked"], True)
            if item["item"] in ("private_key", "csr"):
                checks.equal(f"{name}: {item['item']} matched", item["matches"], [fingerprint])
            else:
                checks.equal(f"{name}: key of the certificate", item["key_state"], "found")
    for name in ("new.pfx", "gnutls.pfx", "nss.pfx", "store.jks", "store.jceks", "java.p12", "pkcs8.locked", "pkcs1.locked"):
        checks.equal(f"{name}: locked", [i["encrypted"] for i in files[name]["items"] if i["item"] == "private_key"], [True])
    checks.equal("old.pfx", found(report)["old.pfx"], ["pfx.old_encryption"])
    checks.equal("new.pfx", found(report)["new.pfx"], ["pfx.new_encryption"])

    report, code = context.report(folder)
    checks.equal("kinds without a password: exit code", code, 3)
    files = {Path(f["path"]).name: f for f in report["files"]}
    for name in ("pkcs1.locked", "pkcs8.locked", "new.pfx", "old.pfx", "store.jks", "store.jceks"):
        keys = [i for i in files[name]["items"] if i["item"] == "private_key"]
        checks.equal(f"{name} without its password", [(k["encrypted"], k["checked"], k["spki_sha256"]) for k in keys], [(True, False, None)])
    checks.check("store.jks: certificates without a password", [i for i in files["store.jks"]["items"] if i["sha256"] == fingerprint])

    # A key may have another password than its keystore, and a keystore may be empty.
    other = context.folder / "keystores"
    other.mkdir()
    for kind in ("jks", "jceks"):
        sh("keytool", "-importkeystore", "-srckeystore", folder / "new.pfx", "-srcstoretype", "PKCS12", "-srcstorepass", PASSWORD,
           "-destkeystore", other / f"own.{kind}", "-deststoretype", kind, "-deststorepass", PASSWORD, "-destkeypass", PASSWORD + "x")
    shutil.copy(other / "own.jks", other / "empty.jks")
    sh("keytool", "-delete", "-alias", "rsa", "-keystore", other / "empty.jks", "-storepass", PASSWORD)
    report, code = context.report(other, "--password-file", context.passwords)
    reasons = {Path(f["path"]).name: f["reason"] or "" for f in report["files"]}
    for kind in ("jks", "jceks"):
        checks.check(f"own.{kind}: the keystore opens, its key does not", "another password" in reasons[f"own.{kind}"], reasons)
    checks.check("empty.jks: nothing in it", "nothing is in it" in reasons["empty.jks"], reasons)

    environment = dict(context.program.environment)
    context.program.environment["CHAINTIER_PASSWORD"] = PASSWORD
    report, code = context.report(folder / "new.pfx")
    context.program.environment = environment
    checks.equal("password from the environment", [i["checked"] for i in report["files"][0]["items"]], [True, True])


def tlv(tag, content):
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x80 | len(size.to_bytes(4, "big").lstrip(b"\0"))]) + size.to_bytes(4, "big").lstrip(b"\0")
    return bytes([tag]) + length + content


def parts_of(der):
    """The elements within a SEQUENCE, each with its head, and where its content begins."""
    def size_at(at):
        first = der[at + 1]
        if first < 0x80:
            return 2, first
        count = first & 0x7F
        return 2 + count, int.from_bytes(der[at + 2 : at + 2 + count], "big")

    head, size = size_at(0)
    parts, at = [], head
    while at < head + size:
        own, inner = size_at(at)
        parts.append((der[at : at + own + inner], own))
        at += own + inner
    return parts


def with_pbmac1(pfx, password):
    """The same PFX with the MAC of RFC 9579, which OpenSSL writes from 3.4 on."""
    version, content, _ = parts_of(pfx)
    explicit = parts_of(content[0])[1][0]  # [0] around the OCTET STRING
    octets, head = parts_of(explicit)[0]
    salt, rounds = b"12345678", 2048
    key = hashlib.pbkdf2_hmac("sha256", password, salt, rounds, 32)
    digest = hmac.new(key, octets[head:], "sha256").digest()
    hmac_sha256 = bytes.fromhex("300c06082a864886f70d02090500")
    derivation = tlv(0x30, bytes.fromhex("06092a864886f70d01050c") + tlv(0x30, tlv(4, salt) + tlv(2, rounds.to_bytes(2, "big"))
                                                                         + tlv(2, b"\x20") + hmac_sha256))
    algorithm = tlv(0x30, bytes.fromhex("06092a864886f70d01050e") + tlv(0x30, derivation + hmac_sha256))
    mac = tlv(0x30, tlv(0x30, algorithm + tlv(4, digest)) + tlv(4, salt) + tlv(2, b"\x01"))
    return tlv(0x30, version[0] + content[0] + mac)


def of_other_programs(context):
    """Keys and certificates as Windows, Java, GnuTLS and SSH programs write them, with passwords of every kind."""
    checks = context.checks
    folder = context.folder / "others"
    folder.mkdir()
    key, certificate = make_leaf(folder, "rsa", "www.rsa.test")
    ec, ec_certificate = make_leaf(folder, "ec", "www.ec.test", "P-256")
    for path in (key, ec):
        context.secrets.add_key(path)
    chinese = "\u5bc6\u78bc\u4e00\u4e8c\u4e09"  # "password 123"
    context.secrets.needles[chinese.encode()] = "the Chinese password"
    passwords = context.folder / "others.txt"
    secret = ["-passout", f"pass:{PASSWORD}"]
    export = ["openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate]
    sh(*export, "-name", "\u7db2\u7ad9", "-passout", f"pass:{chinese}", "-out", folder / "chinese.pfx")
    sh(*export, "-legacy", "-name", "\u7db2\u7ad9", "-passout", f"pass:{chinese}", "-out", folder / "chinese old.pfx")
    # As Windows exports them: 3DES or RC2-40, the name of the provider, the flag of the machine's store.
    old = ["-legacy", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-LMK", "-keyex"]
    sh(*export, *old, "-certpbe", "PBE-SHA1-RC2-40", "-CSP", "Microsoft Enhanced Cryptographic Provider v1.0", "-name", "www (2026)", *secret,
       "-out", folder / "windows 2008.pfx")
    sh(*export, *old, "-certpbe", "PBE-SHA1-3DES", "-CSP", "Microsoft Software Key Storage Provider", *secret, "-out", folder / "windows 2016.pfx")
    sh(*export, *secret, "-out", folder / "plain.pfx")
    (folder / "pbmac1.pfx").write_bytes(with_pbmac1((folder / "plain.pfx").read_bytes(), PASSWORD.encode()))
    sh("certtool", "--to-p12", "--load-privkey", ec, "--load-certificate", certificate, "--p12-name", "mixed", "--password", PASSWORD, "--outder",
       "--outfile", folder / "mixed.pfx")
    for name, its_key, its_certificate in (("one", key, certificate), ("two", ec, ec_certificate)):
        sh("openssl", "pkcs12", "-export", "-inkey", its_key, "-in", its_certificate, "-name", name, "-out", folder / f"{name}.pfx", *secret)
        for kind in ("jks", "jceks", "pkcs12"):
            sh("keytool", "-importkeystore", "-srckeystore", folder / f"{name}.pfx", "-srcstoretype", "PKCS12", "-srcstorepass", PASSWORD,
               "-destkeystore", folder / f"several.{kind}", "-deststoretype", kind, "-deststorepass", PASSWORD, "-noprompt")
    sh("keytool", "-importkeystore", "-srckeystore", folder / "one.pfx", "-srcstoretype", "PKCS12", "-srcstorepass", PASSWORD, "-srcalias", "one",
       "-destkeystore", folder / "key apart.jks", "-deststoretype", "JKS", "-deststorepass", PASSWORD, "-destkeypass", "another one")
    sh("keytool", "-genseckey", "-alias", "aes", "-keyalg", "AES", "-keysize", "128", "-keystore", folder / "secret.jceks", "-storetype", "JCEKS",
       "-storepass", PASSWORD)
    text = certificate.read_text()
    (folder / "little").write_bytes(text.encode("utf-16-le"))
    (folder / "big").write_bytes(b"\xfe\xff" + text.encode("utf-16-be"))
    (folder / "big no mark").write_bytes(text.encode("utf-16-be"))
    sh("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", folder / "ssh")
    sh("puttygen", folder / "ssh", "-O", "private", "-o", folder / "putty.ppk")
    shutil.copy(folder / "ssh", folder / "ssh.pem")
    (folder / "ssh.pem").chmod(0o600)
    sh("ssh-keygen", "-q", "-p", "-m", "PEM", "-N", "", "-f", folder / "ssh.pem")
    for path in folder.iterdir():
        path.chmod(0o600)

    # As Notepad saves it: a byte order mark and CR LF.
    for name, content in {"UTF-8 with a mark": b"\xef\xbb\xbf" + f"{PASSWORD}\r\n{chinese}\r\n".encode(),
                          "UTF-16": b"\xff\xfe" + f"{chinese}\r\n{PASSWORD}\r\n".encode("utf-16-le")}.items():
        passwords.write_bytes(content)
        report, _ = context.report(folder, "--password-file", passwords)
        files = {Path(f["path"]).name: f for f in report["files"]}
        for file in ("chinese.pfx", "chinese old.pfx", "windows 2008.pfx", "windows 2016.pfx", "pbmac1.pfx", "several.jks", "several.jceks",
                     "several.pkcs12"):
            keys = [i for i in files[file]["items"] if i["item"] == "private_key"]
            checks.check(f"{name}: {file}: opened and matched", files[file]["readable"] and keys and all(i["matches"] for i in keys), files[file])
    codes = found(report)
    for file, wanted in {"chinese.pfx": "pfx.new_encryption", "chinese old.pfx": "pfx.old_encryption", "windows 2008.pfx": "pfx.old_encryption",
                         "windows 2016.pfx": "pfx.old_encryption", "pbmac1.pfx": "pfx.new_encryption"}.items():
        checks.equal(f"{file}: findings", codes[file], [wanted])
    checks.equal("names", [i["alias"] for i in files["chinese.pfx"]["items"]], ["\u7db2\u7ad9"] * 2)
    checks.check("PBMAC1 is named", "PBMAC1" in str(files["pbmac1.pfx"]["findings"]), files["pbmac1.pfx"]["findings"])
    checks.equal("a PFX with the key of another certificate", codes["mixed.pfx"], ["key.mismatch", "pfx.new_encryption"])
    for file in ("several.jks", "several.jceks", "several.pkcs12"):
        checks.equal(f"{file}: both entries", sorted({i["alias"] for i in files[file]["items"]}), ["one", "two"])
    for file in ("little", "big", "big no mark"):
        checks.equal(f"{file}: a certificate in UTF-16", [i["item"] for i in files[file]["items"]], ["certificate"])
    checks.check("a JKS whose key has a password of its own", "another password" in files["key apart.jks"]["reason"], files["key apart.jks"])
    checks.check("a secret key among the entries", "aes" in files["secret.jceks"]["reason"], files["secret.jceks"])
    for file, word in {"putty.ppk": "PuTTY", "ssh": "OpenSSH"}.items():
        checks.check(f"{file}: what it is", word in files[file]["reason"], files[file])
    checks.equal("ssh.pem: a key that belongs to nothing here", [(i["item"], i["matches"]) for i in files["ssh.pem"]["items"]], [("private_key", [])])
    report, code = context.report(folder / "mixed.pfx", "--password-file", passwords)
    checks.equal("the same PFX alone", (found(report)["mixed.pfx"], code), (["key.mismatch", "pfx.new_encryption"], 1))


def formats(context):
    """Every report format of files, sites and stores says what the JSON report says; the plugin line ends as plugins do;
    what is internal can be left out."""
    checks = context.checks
    folder = context.folder / "formats"
    folder.mkdir()
    key, _ = make_leaf(folder, "site", "www.site.intranet")
    other, _ = make_leaf(folder, "other", "www.other.intranet", "P-256")
    for path in (key, other):
        context.secrets.add_key(path)
    (folder / "other.crt").unlink()
    for name in ("expired", "renewal-due", "new-right"):
        (folder / f"{name}.pem").write_bytes(context.chains.file(name).read_bytes() + context.chains.file(name, "key.pem").read_bytes())
        (folder / f"{name}.pem").chmod(0o600)
        context.secrets.add_key(context.chains.file(name, "key.pem"))
    (folder / "cut.key").write_text("".join(key.read_text().splitlines(True)[:5]))
    shutil.copy(other, folder / "site.key")
    (folder / "nginx.conf").write_text(
        f'http {{\n server {{ listen 443 ssl; server_name www.site.intranet; ssl_certificate "{folder}/new-right.pem";\n'
        f'  ssl_certificate_key "{folder}/new-right.pem"; }}\n}}\n')
    arguments = [folder, "--server", f"nginx={folder}/nginx.conf"]
    out = {name: context.folder / f"out.{name}" for name in ("json", "html", "csv", "junit", "sarif", "prometheus", "bundle")}
    asked = [word for name, path in out.items() for word in (f"--{name}", path)]
    done = context.run(*arguments, *asked, "--lang", "en")
    checks.equal("formats: exit code", done.returncode, 1)
    written = {name: path.read_bytes() for name, path in out.items()}
    for name, raw in written.items():
        checks.equal(f"formats: secrets in {name}", context.secrets.seen_in(raw), [])
    report = json.loads(written["json"])
    codes = found(report)
    checks.equal("an expired file", codes["expired.pem"], ["leaf.expired"])
    checks.equal("a file that ends soon", codes["renewal-due.pem"], ["leaf.renewal_due"])
    checks.equal("a key of another", codes["site.crt"], ["key.mismatch"])

    told = [(f["path"], x["code"], x["severity"]) for f in report["files"] for x in f["findings"]]
    told += [(f"{s['kind']} {s['path']}:{s['line']}", x["code"], x["severity"]) for s in report["servers"] for x in s["findings"]]
    rows = list(csv.DictReader(io.StringIO(written["csv"].decode("utf-8-sig"), newline="")))
    checks.equal("CSV: findings", sorted((r["target"], r["code"], r["severity"]) for r in rows if r["code"]), sorted(told))
    checks.equal("CSV: a row for each", len({r["target"] for r in rows}), len(report["files"]) + len(report["servers"]))
    checks.check("CSV: why a file was not judged", any(r["target"].endswith("cut.key") and "no END line" in r["why"] for r in rows), rows)
    checks.check("CSV: days left", any(r["target"].endswith("new-right.pem") and int(r["days_left"]) > 60 for r in rows), rows)
    cases = ElementTree.fromstring(written["junit"]).findall(".//testcase")
    states = {c.get("name"): [e.tag for e in c] for c in cases}
    checks.equal("JUnit: cases", len(cases), len(report["files"]) + len(report["servers"]))
    checks.equal("JUnit: expired, cut, good", [states[str(folder / n)] for n in ("expired.pem", "cut.key", "site.key")], [["failure"], ["error"], []])
    sarif = json.loads(written["sarif"])["runs"][0]
    places = [(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], r["locations"][0]["physicalLocation"]["region"]["startLine"],
               r["ruleId"]) for r in sarif["results"]]
    site = report["servers"][0]
    checks.equal("SARIF: results", len(places), len(told))
    for finding in site["findings"]:
        checks.check(f"SARIF: {finding['code']} stands at its line", (Path(site["path"]).as_uri(), site["line"], finding["code"]) in places, places)
    checks.check("metrics: the end of each leaf", written["prometheus"].count(b"chaintier_leaf_not_after_timestamp_seconds{") >= 4)
    with zipfile.ZipFile(io.BytesIO(written["bundle"])) as archive:
        for name in archive.namelist():
            checks.equal(f"bundle: secrets in {name}", context.secrets.seen_in(archive.read(name)), [])
        checks.equal("bundle: the report", found(json.loads(archive.read("report.json"))), codes)

    for path, code, start in ((folder, 2, b"CHAINTIER CRITICAL - "), (folder / "renewal-due.pem", 1, b"CHAINTIER WARNING - "),
                              (folder / "cut.key", 3, b"CHAINTIER UNKNOWN - "), (folder / "new-right.pem", 0, b"CHAINTIER OK - ")):
        done = context.program.run("local", path, *context.judge, "--nagios", "--lang", "en")
        checks.check(f"plugin: {path.name}", done.returncode == code and done.stdout.startswith(start) and done.stdout.count(b"\n") == 1, done)
    checks.check("plugin: days left", b"days_left=" in done.stdout, done.stdout)

    done = context.run(*arguments, *asked, "--lang", "en", "--redact")
    checks.equal("redacted: exit code", done.returncode, 1)
    shown = context.run(*arguments, "--redact").stdout
    for name, raw in [*((name, path.read_bytes()) for name, path in out.items() if name != "bundle"), ("terminal", shown)]:
        checks.check(f"redacted: {name} names no internal host", b"site.intranet" not in raw)
        if name != "prometheus":  # it knows paths only
            checks.check(f"redacted: {name} has the token", b"host-1.redacted.invalid" in raw)
    with zipfile.ZipFile(out["bundle"]) as archive:
        for name in archive.namelist():
            checks.check(f"redacted: {name} of the bundle", b"site.intranet" not in archive.read(name))
    checks.equal("redacted: follows the schema", context.validate(json.loads(out["json"].read_bytes())), [])
    checks.equal("redacted: the same findings", found(json.loads(out["json"].read_bytes())), codes)
    checks.equal("no lines for what is no target", context.run(folder, "--jsonl", "-").returncode, 2)


def private_memory(context):
    """When the report is being written, no password and no key is left in the program's memory, freed or not; and
    no core file could be written of it."""
    checks, kinds_folder = context.checks, context.folder / "kinds"
    conf = context.folder / "conf"
    conf.mkdir()
    (conf / "server.xml").write_text(
        '<Server><Connector port="8443" SSLEnabled="true"><SSLHostConfig><Certificate certificateKeystoreFile='
        f'"{kinds_folder}/store.jks" certificateKeystorePassword="{PASSWORD}"/></SSLHostConfig></Connector></Server>')
    needles = {**context.secrets.needles, PASSWORD.encode("utf-16-be"): "the password as Java has it"}
    environment = {**context.program.environment, "CHAINTIER_PASSWORD": PASSWORD}
    for what, arguments in {"files": [kinds_folder, "--password-file", context.passwords], "environment": [kinds_folder],
                            "server.xml": ["--server", f"tomcat={conf}/server.xml"]}.items():
        reader, writer = os.pipe()
        fcntl.fcntl(writer, F_SETPIPE_SZ, 4096)  # so small that the program has to wait for us
        process = subprocess.Popen(
            [str(a) for a in (context.program.path, "local", *arguments, *context.judge, "--json", "-")], stdout=writer,
            stderr=subprocess.DEVNULL, env=environment if what == "environment" else context.program.environment)
        os.close(writer)
        with os.fdopen(reader, "rb", 0) as report:
            report.read(1)
            place = Path(f"/proc/{process.pid}")
            limits = (place / "limits").read_text()
            checks.check(f"{what}: no core file", re.search(r"^Max core file size +0 +0 ", limits, re.M), limits)
            seen, size = [], 0
            try:
                with (place / "mem").open("rb", 0) as memory:
                    for line in (place / "maps").read_text().splitlines():
                        begin, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
                        if "w" not in rights:
                            continue
                        memory.seek(int(begin, 16))
                        content = memory.read(int(end, 16) - int(begin, 16))
                        size += len(content)
                        seen += [f"{name} in {line}" for needle, name in needles.items() if needle in content]
                checks.check(f"{what}: memory was looked at", size > 1 << 20, size)
            except PermissionError:
                print(f"{what}: the program's memory is closed to this user, as it should be; not looked into")
            checks.equal(f"{what}: secrets in memory", seen, [])
            report.read()
        checks.check(f"{what}: ends", process.wait(60) in (0, 1, 3), process.returncode)


def matching(context):
    """Which findings come out, and which do not."""
    checks = context.checks
    folder = context.folder / "matching"
    folder.mkdir()
    key, certificate = make_leaf(folder, "one", "one.test", "P-256")
    other, _ = make_leaf(folder, "two", "two.test", "ed25519")
    for path in (key, other):
        context.secrets.add_key(path)
    (folder / "two.crt").unlink()

    def case(name, files, expected, *more, code=None):
        place = folder / name
        place.mkdir()
        for target, content in files.items():
            (place / target).write_bytes(content)
            (place / target).chmod(0o600)
        report, ended = context.report(place, *more)
        checks.equal(f"matching: {name}", found(report), expected)
        if code is not None:
            checks.equal(f"matching: {name}: exit code", ended, code)
        return report

    one, two, cert = key.read_bytes(), other.read_bytes(), certificate.read_bytes()
    case("pair", {"a.key": one, "b.crt": cert}, {"a.key": [], "b.crt": []}, code=0)
    case("together", {"all.pem": cert + one}, {"all.pem": []}, code=0)
    case("no key", {"b.crt": cert}, {"b.crt": ["key.missing"]}, code=1)
    case("wrong key", {"a.key": two, "a.crt": cert}, {"a.key": [], "a.crt": ["key.mismatch"]}, code=1)
    case("wrong key in one file", {"all.pem": cert + two}, {"all.pem": ["key.mismatch"]}, code=1)
    case("wrong key and the right one", {"a.key": two, "a.crt": cert, "old.key": one}, {"a.key": [], "a.crt": [], "old.key": []}, code=0)
    locked = sh("openssl", "pkcs8", "-topk8", "-in", key, "-passout", f"pass:{PASSWORD}")
    case("locked", {"a.key": locked, "a.crt": cert}, {"a.key": [], "a.crt": []}, code=3)
    report = case("copies", {"a.crt": cert, "b.crt": cert}, {"a.crt": ["key.missing"], "b.crt": []}, code=1)
    checks.equal("copies: both places", len(report["files"][0]["findings"][0]["where"]), 2)

    subject = SUBJECT + "one.test"
    request = sh("openssl", "req", "-new", "-key", other, "-subj", subject)
    rsa = sh("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    good = sh("openssl", "req", "-new", "-key", "/dev/stdin", "-subj", subject, data=rsa)
    case("request and key", {"a.csr": good, "a.key": rsa}, {"a.csr": [], "a.key": []}, code=0)
    case("request of another key", {"a.csr": good, "a.key": two}, {"a.csr": ["csr.mismatch"], "a.key": []}, code=1)
    case("request alone", {"a.csr": good}, {"a.csr": []}, code=0)
    case("no rsa", {"a.csr": request}, {"a.csr": ["csr.rule"]}, code=0)
    for name, bad in {"url": "/C=TW/ST=T/L=T/O=P/CN=https:\\/\\/one.test", "Chinese": "/C=TW/ST=T/L=T/O=公司/CN=one.test",
                      "country": "/C=US/ST=T/L=T/O=P/CN=one.test", "bare name": "/C=TW/ST=T/L=T/O=P/CN=localhost",
                      "no city": "/C=TW/ST=T/O=P/CN=one.test"}.items():
        content = sh("openssl", "req", "-new", "-utf8", "-key", "/dev/stdin", "-subj", bad, data=rsa)
        case(f"rule {name}", {"a.csr": content}, {"a.csr": ["csr.rule"]}, "--fail-on", "warning", code=1)
    report = case("request as certificate", {"server.cer": good}, {"server.cer": []})
    checks.check("request as certificate: says so", "CSR" in str(report["files"][0]["reason"]), report["files"])

    exposed = folder / "exposed"
    exposed.mkdir()
    (exposed / "a.key").write_bytes(one)
    (exposed / "a.key").chmod(0o644)
    report, code = context.report(exposed, "--fail-on", "warning")
    checks.equal("key.exposed", (found(report), code), ({"a.key": ["key.exposed"]}, 1))

    pfx = folder / "pfx"
    pfx.mkdir()
    leaf = context.chains.file("new-right")
    leaf_key = context.chains.file("new-right", "key.pem")
    context.secrets.add_key(leaf_key)
    secret = ["-passout", f"pass:{PASSWORD}"]
    sh("openssl", "pkcs12", "-export", "-inkey", leaf_key, "-in", leaf, "-out", pfx / "whole.pfx", *secret)
    first = leaf.read_text().split("-----END CERTIFICATE-----\n")[0] + "-----END CERTIFICATE-----\n"
    (pfx / "first.pem").write_text(first)
    sh("openssl", "pkcs12", "-export", "-inkey", leaf_key, "-in", pfx / "first.pem", "-out", pfx / "cut.pfx", *secret)
    sh("openssl", "pkcs12", "-export", "-nokeys", "-in", leaf, "-out", pfx / "keyless.pfx", *secret)
    for path in pfx.iterdir():
        path.chmod(0o600)
    report, code = context.report(pfx, "--password-file", context.passwords)
    checks.equal("PFX", found(report), {"whole.pfx": ["pfx.new_encryption"], "cut.pfx": ["pfx.chain_incomplete", "pfx.new_encryption"],
                                        "keyless.pfx": ["pfx.new_encryption", "pfx.no_key"], "first.pem": []})
    checks.equal("PFX: exit code", code, 1)
    chain = [i["chain"] for f in report["files"] if f["path"].endswith("whole.pfx") for i in f["items"] if i["chain"]]
    checks.check("PFX: chain of the leaf", len(chain) == 1 and len(chain[0]) >= 2 and chain[0][0]["file"], chain)


def archives(context):
    """cert.zip as TWCA mails it: the certificate's key is not expected in it."""
    checks = context.checks
    folder = context.folder / "archives"
    folder.mkdir()
    chain = context.chains.file("new-right").read_text().split("-----END CERTIFICATE-----\n")
    with zipfile.ZipFile(folder / "cert.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in zip(("server.cer", "uca_1.cer", "uca_2.cer"), chain):
            archive.writestr(name, one + "-----END CERTIFICATE-----\n")
    report, code = context.report(folder / "cert.zip")
    checks.equal("cert.zip alone", (found(report), code), ({"cert.zip": []}, 0))
    checks.equal("cert.zip: kind and entries", (report["files"][0]["kind"], [i["alias"] for i in report["files"][0]["items"]]),
                 ("zip", ["server.cer", "uca_1.cer", "uca_2.cer"]))
    report, code = context.report(folder / "cert.zip", context.folder / "kinds/rsa.key")
    checks.equal("cert.zip with a key of another", (found(report)["cert.zip"], code), (["key.missing"], 1))
    report, code = context.report(folder / "cert.zip", context.chains.file("new-right", "key.pem"))
    checks.equal("cert.zip with its key", found(report)["cert.zip"], [])
    (folder / "cut.zip").write_bytes((folder / "cert.zip").read_bytes()[:300])
    done = context.run(folder / "cut.zip")
    checks.equal("a damaged archive: exit code", done.returncode, 2)
    checks.check("a damaged archive: named", b"cut.zip" in done.stderr, done.stderr)


def damaged(context):
    """Damage is named; whatever the octets, the program ends in order and gives nothing away."""
    checks = context.checks
    folder = context.folder / "damaged"
    folder.mkdir()
    kinds_folder = context.folder / "kinds"
    text = (kinds_folder / "rsa.crt").read_text()
    lines = text.splitlines(True)
    cases = {
        "quote.crt": (text.replace(lines[5], "\u201c" + lines[5][1:], 1).encode(), "line 6"),
        "dash.crt": (text.replace("-----BEGIN", "\u2013\u2013\u2013BEGIN").encode(), "BEGIN"),
        "cut.crt": ("".join(lines[:6]).encode(), "no END line"),
        "empty.crt": (b"", "empty"),
        "page.crt": (b"<html>404</html>", "HTML"),
        "putty.ppk": (b"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "PuTTY"),
        "id_rsa": (b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "OpenSSH"),
        "label.crt": ((kinds_folder / "good.csr").read_text().replace("CERTIFICATE REQUEST", "CERTIFICATE").encode(), "CSR"),
    }
    for name, (content, part) in cases.items():
        (folder / name).write_bytes(content)
        report, code = context.report(folder / name, kinds_folder / "rsa.key")
        reasons = [f["reason"] for f in report["files"] if f["path"].endswith(name)]
        checks.check(f"{name}: says why", len(reasons) == 1 and reasons[0] and part in reasons[0], reasons)
        checks.equal(f"{name}: exit code", code, 3)
        checks.equal(f"{name} alone: nothing usable", context.run(folder / name).returncode in (2, 3), True)
    for arguments in ([], ["/nonexistent/folder"], [folder / "empty.crt"]):
        checks.equal(f"local {arguments}: exit code", context.run(*arguments).returncode, 2)
    checks.equal("no password file", context.run(folder, "--password-file", "/nonexistent").returncode, 2)

    loop = folder / "loop"
    loop.mkdir()
    (loop / "again").symlink_to(loop)
    (loop / "up").symlink_to(folder.parent)
    os.mkfifo(loop / "pipe")
    (loop / "rsa.key").write_bytes((kinds_folder / "rsa.key").read_bytes())
    checks.check("links in a circle and a pipe end", context.run(loop).returncode in (0, 1, 3))

    # Some octets of each kind of file changed or cut away; the seed is fixed, so a failure comes again.
    chance = random.Random(20261122)
    broken = folder / "broken"
    broken.mkdir()
    for name in ("rsa.key", "pkcs8.locked.der", "new.pfx", "old.pfx", "store.jks", "store.jceks", "bundle.p7b", "good.csr", "utf16", "pkcs1.locked"):
        original = (kinds_folder / name).read_bytes()
        for i in range(100):
            content = bytearray(original)
            for _ in range(chance.randint(1, 6)):
                content[chance.randrange(len(content))] = chance.randrange(256)
            (broken / f"{i}-{name}").write_bytes(content[: chance.randint(1, len(content))] if chance.random() < 0.3 else content)
    done = context.run(broken, "--password-file", context.passwords, "--json", "-")
    checks.check("a thousand damaged files", done.returncode in (0, 1, 2, 3), done.stderr[-500:])


class TlsServer:
    """Serves one chain on loopback until the end of a with block."""

    def __init__(self, chain, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain, key)

    def __enter__(self):
        self.listener = socket.create_server((harness.ADDRESS, 0))
        threading.Thread(target=self.loop, daemon=True).start()
        return self.listener.getsockname()[1]

    def loop(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                connection.settimeout(10)
                self.context.wrap_socket(connection, server_side=True).close()
            except (OSError, ssl.SSLError):
                pass

    def __exit__(self, *_):
        self.listener.close()


def sites(report):
    """{first name: (codes, does the key fit)}"""
    return {s["names"][0] if s["names"] else "": (sorted(f["code"] for f in s["findings"] if f["severity"] != "note"), s["key_matches"])
            for s in report["servers"]}


def servers(context):
    """Configurations that the servers themselves accept."""
    checks, chains = context.checks, context.chains
    folder = context.folder / "servers"
    folder.mkdir()
    for identifier in ("new-right", "leaf-only", "wildcard"):
        for name in ("key.pem", "fullchain.pem", "leaf.pem", "chain.pem"):
            if chains.file(identifier, name).exists():
                (folder / f"{identifier}.{name}").write_bytes(chains.file(identifier, name).read_bytes())
                (folder / f"{identifier}.{name}").chmod(0o600)
        context.secrets.add_key(chains.file(identifier, "key.pem"))
    right, alone = "new-right.practice.test", "leaf-only.practice.test"
    (folder / "both.pem").write_bytes((folder / "new-right.fullchain.pem").read_bytes() + (folder / "new-right.key.pem").read_bytes())
    (folder / "both.pem").chmod(0o600)

    nginx = folder / "nginx.conf"
    nginx.write_text(f"""
        error_log {folder}/error.log; pid {folder}/nginx.pid;
        events {{}}
        http {{
          access_log off;
          server {{ listen {harness.ADDRESS}:18443 ssl; server_name {right};
            ssl_certificate "{folder}/new-right.fullchain.pem"; ssl_certificate_key "{folder}/new-right.key.pem"; }}
          server {{ listen {harness.ADDRESS}:18443 ssl; server_name {alone};
            ssl_certificate "{folder}/leaf-only.leaf.pem"; ssl_certificate_key "{folder}/leaf-only.key.pem"; }}
        }}""".replace(f"error_log {folder}/error.log; pid {folder}/nginx.pid;",
                       f'error_log "{folder}/error.log"; pid "{folder}/nginx.pid";'))
    sh(real_servers.program("nginx"), "-t", "-c", nginx)
    report, code = context.report("--server", f"nginx={nginx}")
    checks.equal("nginx", sites(report), {right: ([], True), alone: (["chain.leaf_only", "path.aia_only", "path.client_untrusted"], True)})
    checks.equal("nginx: exit code", code, 1)
    checks.equal("nginx: what it will send", report["servers"][0]["served"], chains.fingerprints("new-right"))
    checks.equal("nginx: names", report["servers"][0]["covered"], [right])

    # The servers refuse the following ones, which is why somebody asks.
    nginx.write_text(nginx.read_text().replace("new-right.key.pem", "wildcard.key.pem").replace("leaf-only.key.pem", "none.pem"))
    report, code = context.report("--server", f"nginx={nginx}")
    checks.equal("nginx with the wrong keys", sites(report), {right: (["key.mismatch"], False), alone: (["chain.leaf_only", "path.aia_only", "path.client_untrusted"], None)})

    haproxy = folder / "haproxy.cfg"
    link = context.without_blanks / "f"  # haproxy and Apache take no blanks here
    link.symlink_to(folder)
    haproxy.write_text(f"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\nfrontend f\n bind {harness.ADDRESS}:18444 ssl crt {link}/both.pem\n")
    sh(real_servers.program("haproxy"), "-c", "-f", haproxy)
    report, code = context.report("--server", f"haproxy={haproxy}")
    checks.equal("haproxy", (sites(report), code), ({"": ([], True)}, 0))

    modules = "/usr/lib/apache2/modules"
    apache = folder / "apache.conf"
    apache.write_text(f"""ServerRoot "{link}"
ServerName localhost
PidFile {link}/apache.pid
ErrorLog {link}/apache.log
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule ssl_module {modules}/mod_ssl.so
Listen {harness.ADDRESS}:18445
<VirtualHost *:18445>
  ServerName {right}
  ServerAlias other.test
  SSLEngine on
  SSLCertificateFile new-right.leaf.pem
  SSLCertificateKeyFile new-right.key.pem
  SSLCertificateChainFile new-right.chain.pem
</VirtualHost>
""")
    sh(real_servers.program("apache2"), "-t", "-f", apache)
    report, code = context.report("--server", f"apache={apache}")
    checks.equal("Apache", (sites(report), code), ({right: (["leaf.name_mismatch"], True)}, 1))
    checks.equal("Apache: names", (report["servers"][0]["covered"], report["servers"][0]["not_covered"]), ([right], ["other.test"]))

    pfx = folder / "tomcat.pfx"
    sh("openssl", "pkcs12", "-export", "-inkey", folder / "new-right.key.pem", "-in", folder / "new-right.fullchain.pem",
       "-name", "Tomcat", "-out", pfx, "-passout", f"pass:{PASSWORD}")
    store = folder / "tomcat.jks"
    sh("keytool", "-importkeystore", "-srckeystore", pfx, "-srcstoretype", "PKCS12", "-srcstorepass", PASSWORD,
       "-destkeystore", store, "-deststoretype", "JKS", "-deststorepass", PASSWORD, "-destkeypass", PASSWORD)
    for path in (pfx, store):
        path.chmod(0o600)
        conf = folder / "conf"
        conf.mkdir(exist_ok=True)
        (conf / "server.xml").write_text(
            f'<Server><Service><Connector port="8443" SSLEnabled="true"><SSLHostConfig hostName="{right}"><Certificate '
            f'certificateKeystoreFile="{path.name}" certificateKeystorePassword="{PASSWORD}" certificateKeyAlias="tomcat"/>'
            "</SSLHostConfig></Connector></Service></Server>")
        report, code = context.report("--server", f"tomcat={conf}/server.xml")
        checks.equal(f"Tomcat with {path.name}", (sites(report), code), ({right: ([], True)}, 0))
        checks.equal(f"Tomcat with {path.name}: what it will send", sorted(report["servers"][0]["served"]), sorted(chains.fingerprints("new-right")))

    for bad, mentions in (("nginx=/nonexistent", b"/nonexistent"), ("iis", b"kinds are"), ("nginx=", b"KIND"), ("all=x", b"KIND")):
        done = context.run("--server", bad, "--lang", "en")
        checks.check(f"--server {bad}", done.returncode in (2, 3) and mentions in done.stdout + done.stderr, done)


def stores(context):
    checks, chains = context.checks, context.chains
    java = context.folder / "java/lib/security"
    java.mkdir(parents=True)
    roots = sorted(chains.catalogue.glob("*global-root-ca.self-signed.pem"))
    sh("keytool", "-importcert", "-noprompt", "-alias", "root", "-file", roots[0], "-keystore", java / "cacerts", "-storepass", "changeit")
    context.program.environment["JAVA_HOME"] = str(context.folder / "java")
    report, _ = context.report("--store")
    by_path = {s["path"]: s for s in report["stores"]}
    checks.equal("the system's store", by_path[str(chains.machine_store)]["readable"], True)
    checks.equal("Java's store", by_path[str(java / "cacerts")]["findings"], [])
    checks.equal("Java's store: what it holds", [k["slug"] for k in by_path[str(java / "cacerts")]["known"]], [roots[0].stem])
    (java / "cacerts").unlink()
    foreign = context.folder / "kinds/rsa.crt"
    sh("keytool", "-importcert", "-noprompt", "-alias", "x", "-file", foreign, "-keystore", java / "cacerts", "-storepass", "changeit")
    report, code = context.report("--store")
    found_there = {s["path"]: [f["code"] for f in s["findings"]] for s in report["stores"]}
    checks.equal("a store without the root", (found_there[str(java / "cacerts")], code), (["store.root_missing"], 1))
    del context.program.environment["JAVA_HOME"]


def against(context):
    checks, chains = context.checks, context.chains
    host = "new-right.practice.test"
    with TlsServer(chains.file("new-right"), chains.file("new-right", "key.pem")) as port:
        target = f"{host}@{harness.ADDRESS}:{port}"
        report, code = context.report(chains.file("new-right"), chains.file("new-right", "key.pem"), "--against", target)
        seen = harness.codes(report["targets"][0])
        checks.equal("the same certificate", ([c for c in seen if c.startswith("server.")], code), (["server.is_this_machine"], 0))
        # Another certificate for that name, newer: what somebody has just installed.
        folder = context.folder / "against"
        folder.mkdir()
        make_leaf(folder, "new", host)
        context.secrets.add_key(folder / "new.key")
        report, code = context.report(folder, "--against", target)
        checks.check("another certificate", "server.serves_other" in harness.codes(report["targets"][0]), harness.codes(report["targets"][0]))
        checks.equal("another certificate: headline and exit code", (report["targets"][0]["headline"], code), ("server.serves_other", 1))
        finding = next(f for f in report["targets"][0]["findings"] if f["code"] == "server.serves_other")
        checks.equal("another certificate: why", finding["facts"]["because"], "reload")
    report, code = context.report(folder, "--against", target)
    checks.equal("nobody answers", (report["targets"][0]["verdict"], code), ("unjudged", 3))


def unreadable(context):
    """What the user may not read could hold what is sought: then nothing is said to be missing."""
    checks = context.checks
    user = {"user": "nobody"} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="chaintier-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        make_leaf(folder, "site", "www.unreadable.test")
        context.secrets.add_key(folder / "site.key")
        (folder / "site.csr").unlink(missing_ok=True)
        (folder / "site.crt").chmod(0o644)
        (folder / "private").mkdir()
        shutil.move(folder / "site.key", folder / "private/site.key")
        try:
            context.program.run("--version", **user)
        except PermissionError:
            print("left out: files that may not be read, for nobody may not run the program here")
            return

        def report(what, code):
            done = context.program.run("local", folder, "--time", harness.JUDGED_AT, "--json", "-", "--lang", "en", cwd="/", **user)
            checks.equal(f"{what}: exit code", done.returncode, code)
            files = {Path(f["path"]).name: f for f in json.loads(done.stdout)["files"]}
            return files, [i["key_state"] for i in files["site.crt"]["items"]], {f["code"] for f in files["site.crt"]["findings"]}

        (folder / "private/site.key").chmod(0o000)
        (folder / "private").chmod(0o755)
        files, states, codes = report("a key file that may not be read", 3)
        checks.equal("a key file that may not be read: it may be the key", (states, "key.missing" in codes), (["unknown"], False))
        checks.check("a key file that may not be read: is told", "ermission" in files["site.key"]["reason"], files)
        (folder / "private").chmod(0o000)
        files, states, codes = report("a folder that may not be read", 3)
        checks.equal("a folder that may not be read: the key may be in it", (states, "key.missing" in codes), (["unknown"], False))
        checks.check("a folder that may not be read: is told", "ermission" in files["private"]["reason"], files)
        (folder / "private").chmod(0o755)
        (folder / "private/site.key").unlink()
        files, states, codes = report("nothing that may not be read", 1)
        checks.equal("nothing that may not be read: the key is missing", (states, "key.missing" in codes), (["missing"], True))


def main():
    checks = harness.Checks()
    tool, practice = harness.arguments()
    with harness.temporary_folder() as name, tempfile.TemporaryDirectory(prefix="chaintier-") as plain:
        folder = Path(name)
        chains = harness.PracticeChains(practice, folder / "practice")
        program = harness.Program(tool, chains.machine_store)
        context = Context(checks, program, chains, folder)
        context.without_blanks = Path(plain)
        for part in (kinds, of_other_programs, private_memory, matching, formats, archives, damaged, unreadable, servers, stores, against):
            part(context)
    checks.finish()


if __name__ == "__main__":
    main()
