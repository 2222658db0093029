"""What "local --server" says that a server will send, against what the server itself sends with that configuration:
lighttpd, stunnel, postfix, dovecot, Tomcat, Apache, HAProxy and nginx from Debian, with faults put in."""

import hashlib
import json
import os
import pwd
import re
import ssl
import subprocess
import tempfile
from pathlib import Path

import harness
from real_servers import SYSTEM_PATH, program

ADDRESS = harness.ADDRESS
PASSWORD = "Pass7f3a"
RIGHT = "new-right"


def fingerprints(text):
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.S)
    return [hashlib.sha256(ssl.PEM_cert_to_DER_cert(block + "\n")).hexdigest() for block in blocks]


def sent(port, name, starttls):
    """The chain that a server sends, in its order."""
    command = ["openssl", "s_client", "-connect", f"{ADDRESS}:{port}", "-showcerts"]
    command += ["-servername", name] if name else ["-noservername"]
    command += ["-starttls", starttls] if starttls else []
    done = subprocess.run(command, input=b"", capture_output=True, timeout=30)
    return fingerprints(done.stdout.decode(errors="replace"))


class Kind:
    """A kind of server in a folder of its own. `ports` are free ones, by number."""

    count = 6
    starttls = {}  # by number of the port

    def __init__(self, context):
        self.context, self.chains = context, context.chains
        self.folder = context.folder / type(self).__name__.lower()
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.ports = harness.free_ports(self.count)

    def chain(self, identifier, name="fullchain.pem"):
        return self.chains.file(identifier, name)

    def pair(self, identifier, certificate="fullchain.pem"):
        return self.chain(identifier, certificate), self.chain(identifier, "key.pem")

    def write(self, name, *parts):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(part.read_text() if isinstance(part, Path) else part for part in parts))
        path.chmod(0o600)
        return path

    def ca_file(self):
        """The issuers of the right chain, up to the root."""
        return self.write("ca.pem", self.chain(RIGHT, "chain.pem"), self.chains.catalogue / "twca-global-root-ca.self-signed.pem")

    def start(self):
        log = open(self.folder / "log", "wb")
        return subprocess.Popen([str(part) for part in self.command()], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                env={"PATH": SYSTEM_PATH, "HOME": str(self.folder)})

    def stop(self, process):
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)

    def is_meant(self, site, listen, name):
        """Is it the site of that port (by number; None: any) and name (None: one without a name of its own)?"""
        if listen is not None and not any(place.endswith(str(self.ports[listen])) for place in site["listen"]):
            return False
        return name in site["names"] if name else not set(site["names"]) & self.context.hosts

    def run(self):
        """Asks the server and the report the same questions."""
        checks, kind = self.context.checks, type(self).__name__.lower()
        place = self.configure()
        report = self.context.report(f"{kind}={place}")
        process = self.start()
        try:
            for number, name, listen, site_name in self.questions():
                problem = harness.wait_until_listening(self.ports[number], process)
                what = f"{kind}: port {number}, name {name}"
                if problem:
                    checks.check(what, False, f"{problem} {(self.folder / 'log').read_text(errors='replace')[-1000:]}")
                    return report
                real = sent(self.ports[number], name, self.starttls.get(number))
                found = [site for site in report["servers"] if self.is_meant(site, listen, site_name)]
                checks.check(f"{what}: the server sends something", real)
                checks.equal(f"{what}: sites of the report", len(found), 1)
                if found:
                    checks.equal(f"{what}: what is sent", found[0]["served"], real)
                    checks.equal(f"{what}: the server started, so the key fits", found[0]["key_matches"], True)
        finally:
            self.stop(process)
        return report


class Stunnel(Kind):
    count = 7

    def configure(self):
        expired, key = self.pair("expired")
        pfx = self.folder / "right.p12"
        subprocess.run(["openssl", "pkcs12", "-export", "-inkey", self.chain(RIGHT, "key.pem"), "-in", self.chain(RIGHT), "-out", pfx,
                        "-passout", "pass:"], check=True, timeout=60)
        both = self.write("both.pem", self.chain("leaf-only", "leaf.pem"), self.chain("leaf-only", "key.pem"))
        self.write("more/x.conf", f"[more]\naccept={ADDRESS}:{self.ports[5]}\nconnect={ADDRESS}:9\ncert={expired}\nkey={key}\n")
        right, right_key = self.pair(RIGHT)
        service = lambda number: f"accept = {ADDRESS}:{self.ports[number]}\nconnect = {ADDRESS}:9\n"
        wild, order = self.pair("wildcard"), self.pair("wrong-order")
        return self.write("stunnel.conf", f"""foreground = yes
pid =
cert = {right}
key = {right_key}
[a]
{service(0)}[both]
{service(1)}cert = {both}
key = {both}
[sub]
sni = a:wildcard.practice.test
connect = {ADDRESS}:9
cert = {wild[0]}
key = {wild[1]}
[ca]
{service(2)}cert = {self.chain(RIGHT, "leaf.pem")}
CAfile = {self.ca_file()}
[order]
{service(3)}cert = {order[0]}
key = {order[1]}
[pfx]
{service(4)}cert = {pfx}
key =
[client]
client = yes
{service(6)}include = {self.folder}/more
""")

    def command(self):
        return [program("stunnel4"), self.folder / "stunnel.conf"]

    def questions(self):
        return [(n, None, n, None) for n in range(6)] + [(0, "wildcard.practice.test", None, "wildcard.practice.test")]


class Lighttpd(Kind):
    count = 8

    def configure(self):
        both = self.write("both.pem", self.chain("leaf-only", "leaf.pem"), self.chain("leaf-only", "key.pem"))
        wild, order, root, expired = (self.pair(n) for n in ("wildcard", "wrong-order", "root-served", "expired"))
        socket = lambda number: f'$SERVER["socket"] == "{ADDRESS}:{self.ports[number]}" '
        self.write("conf.d/x.conf", f'{socket(5)} {{ ssl.engine = "enable"\n ssl.pemfile = "{expired[0]}"\n ssl.privkey = "{expired[1]}" }}\n')
        # The same condition twice, the key first, and settings that hold for what stands before them.
        self.write("shell.conf", f'{socket(7)} {{ ssl.privkey = "{wild[1]}"\n ssl.pemfile = "{wild[0]}" }}\n')
        return self.write("lighttpd.conf", f"""{socket(7)} {{ ssl.engine = "enable" }}
{socket(4)} {{ ssl.engine = "enable" }}
include_shell "cat {self.folder}/shell.conf"
server.modules = ( "mod_openssl" )
server.document-root = "{self.folder}"
server.bind = "{ADDRESS}"
server.port = {self.ports[6]}
var.keys = "{self.chain(RIGHT).parent}"
ssl.privkey = keys + "/key.pem"
ssl.pemfile = var.keys + "/fullchain.pem"
{socket(0)} {{
  ssl.engine = "enable"
  $HTTP["host"] == "leaf-only.practice.test" {{ ssl.pemfile = "{both}" }}
  $HTTP["host"] == "www.wildcard.practice.test" {{
    ssl.pemfile = "{wild[0]}"
    ssl.privkey = "{wild[1]}"
  }}
}}
{socket(1)} {{
  ssl.engine = "enable"
  ssl.pemfile = "{self.chain(RIGHT, "leaf.pem")}"
  ssl.privkey = "{self.chain(RIGHT, "key.pem")}"
  ssl.ca-file = "{self.ca_file()}"
}}
{socket(2)} {{
  ssl.engine = "enable"
  ssl.pemfile = "{order[0]}"
  ssl.privkey = "{order[1]}"
}}
{socket(3)} {{
  ssl.engine = "enable"
  ssl.pemfile = "{root[0]}"
  ssl.privkey = "{root[1]}"
  ssl.ca-file = "{self.ca_file()}"
}}
include "conf.d/*.conf"
""")

    def command(self):
        return [program("lighttpd"), "-D", "-f", self.folder / "lighttpd.conf"]

    def questions(self):
        names = ("leaf-only.practice.test", "www.wildcard.practice.test")
        return [(n, None, n, None) for n in (*range(6), 7)] + [(0, name, 0, name) for name in names] + [(0, "other.test", 0, None)]


class Dovecot(Kind):
    count = 2
    starttls = {1: "imap"}

    def configure(self):
        wild, right = self.pair("wildcard"), self.pair(RIGHT)
        self.write("conf.d/10.conf", f"""local_name "www.wildcard.practice.test wildcard.practice.test" {{
  ssl_cert = <{wild[0]}
  ssl_key = <{wild[1]}
}}
local_name alone.practice.test {{
  ssl_cert = <{self.chain(RIGHT, "leaf.pem")}
  ssl_key = <{right[1]}
  ssl_ca = <{self.ca_file()} # of the issuers
}} # alone
""")
        return self.write("dovecot.conf", f"""base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/dovecot.log
protocols = imap
ssl = required
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
listen = {ADDRESS}
!include conf.d/*.conf
!include_try none/*.conf
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.ports[1]}
  }}
  inet_listener imaps {{
    port = {self.ports[0]}
    ssl = yes
  }}
}}
passdb {{
  driver = static
  args = password=x
}}
ssl_cert = <{self.chain("expired")}
ssl_cert = <{right[0]} # the new one
ssl_key = <{right[1]}
""")

    def command(self):
        return [program("dovecot"), "-F", "-c", self.folder / "dovecot.conf"]

    def questions(self):
        names = ("www.wildcard.practice.test", "wildcard.practice.test", "alone.practice.test")
        return [(0, name, None, name) for name in names]

    def run(self):
        report = super().run()
        everybody = [s["served"] for s in report["servers"] if not s["names"]]
        self.context.checks.equal("dovecot: the certificate of everybody else", everybody, [self.chains.fingerprints(RIGHT)])


class Postfix(Kind):
    count = 8
    starttls = {n: "smtp" for n in (0, 2, 3, 5, 6, 7)}

    def configure(self):
        for name in ("queue", "data"):
            (self.folder / name).mkdir()
        os.chown(self.folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        wild, expired = self.pair("wildcard"), self.pair("expired")
        self.write("queue/relative.pem", self.chain("wrong-order", "key.pem"), self.chain("wrong-order"))
        together = self.write("together.pem", wild[1], wild[0])
        names = self.write("names", f"expired.practice.test {expired[1]}\n  {expired[0]}\n")
        self.write("main.cf", f"""compatibility_level = 3.6
queue_directory = {self.folder}/queue
data_directory = {self.folder}/data
maillog_file = {self.folder}/maillog
maillog_file_prefixes = {self.folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = new-right.practice.test
mydestination =
alias_maps =
keys = {self.chain(RIGHT).parent.parent}
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${{keys}}/{RIGHT}/fullchain.pem
smtpd_tls_key_file = $keys/{RIGHT}/key.pem
other_cert = {expired[0]}
smtpd_relay_restrictions = reject
""")
        rest = "".join(f"{name} unix {more}\n" for name, more in {
            "proxymap": "- - n - - proxymap", "anvil": "- - n - 1 anvil", "tlsmgr": "- - n 1000? 1 tlsmgr",
            "rewrite": "- - n - - trivial-rewrite", "cleanup": "n - n - 0 cleanup", "bounce": "n - n - 0 bounce",
            "dnsblog": "- - n - 0 dnsblog", "tlsproxy": "- - n - 0 tlsproxy"}.items())
        service = lambda number: f"{ADDRESS}:{self.ports[number]} inet n - n - - smtpd"
        self.write("master.cf", f"""# services
{service(0)}
{service(1)}
  -o syslog_name=x -o smtpd_tls_wrappermode=yes
  -o smtpd_tls_chain_files={together}
{service(2)}
  -o {{ smtpd_tls_cert_file = $other_cert }}
  -o smtpd_tls_key_file={expired[1]}
{service(3)}
  -o smtpd_tls_cert_file={self.chain(RIGHT, "leaf.pem")} -o smtpd_tls_CAfile={self.ca_file()}
{service(4)}
  -o smtpd_tls_security_level=none
{service(5)}
  -o tls_server_sni_maps=hash:{names}
{service(6)}
  -o {{smtpd_tls_cert_file=relative.pem}} -o {{ smtpd_tls_key_file = relative.pem }}
{ADDRESS}:{self.ports[7]} inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
{rest}postlog unix-dgram n - n - 1 postlogd
""")
        subprocess.run([program("postmap"), "-F", "-c", self.folder, f"hash:{names}"], check=True, timeout=60)
        return self.folder / "main.cf"

    def command(self):
        return [program("postfix"), "-c", self.folder, "start-fg"]

    def stop(self, process):
        subprocess.run([program("postfix"), "-c", self.folder, "stop"], capture_output=True, timeout=60)
        super().stop(process)

    def questions(self):
        own = "new-right.practice.test"
        return [(n, None, n, own) for n in (0, 1, 2, 3, 5, 6, 7)] + [(5, "expired.practice.test", 5, "expired.practice.test")]


class Tomcat(Kind):
    count = 5

    def configure(self):
        for name in ("logs", "temp", "webapps", "work"):
            (self.folder / name).mkdir()
        store = self.folder / "all.jks"
        for name in (RIGHT, "expired", "wildcard"):
            pfx = self.folder / f"{name}.p12"
            subprocess.run(["openssl", "pkcs12", "-export", "-inkey", self.chain(name, "key.pem"), "-in", self.chain(name), "-name", name,
                            "-out", pfx, "-passout", f"pass:{PASSWORD}"], check=True, timeout=60)
            subprocess.run([program("keytool"), "-importkeystore", "-srckeystore", pfx, "-srcstoretype", "PKCS12", "-srcstorepass", PASSWORD,
                            "-destkeystore", store, "-deststoretype", "JKS", "-deststorepass", PASSWORD, "-destkeypass", PASSWORD],
                           check=True, timeout=60, capture_output=True)
        self.write("conf/catalina.properties", 'common.loader="${catalina.home}/lib","${catalina.home}/lib/*.jar"\n'
                   f"server.loader=\nshared.loader=\nstore.pass={PASSWORD}\n")
        self.write("conf/web.xml", "<web-app/>")
        self.write("word", PASSWORD + "\n")
        connector = lambda number, inside: (f'<Connector port="{self.ports[number]}" address="{ADDRESS}" SSLEnabled="true">'
                                            f"{inside}</Connector>\n")
        pem = lambda identifier, certificate="fullchain.pem", more="": (
            f'<SSLHostConfig><Certificate certificateFile="{self.chain(identifier, certificate)}" '
            f'certificateKeyFile="{self.chain(identifier, "key.pem")}" {more}/></SSLHostConfig>')
        chain = f'certificateChainFile="{self.chain(RIGHT, "chain.pem")}"'
        named = ('<SSLHostConfig hostName="expired.practice.test"><Certificate certificateKeystoreFile="all.jks" certificateKeystoreType="JKS" '
                 'certificateKeystorePassword="${store.pass}" certificateKeyAlias="EXPIRED"/></SSLHostConfig>'
                 '<SSLHostConfig hostName="*.practice.test"><Certificate certificateKeystoreFile="${catalina.base}/wildcard.p12" '
                 'certificateKeystoreType="PKCS12" certificateKeystorePasswordFile="word"/></SSLHostConfig>')
        return self.write("conf/server.xml", '<Server port="-1"><Service name="Catalina">\n', connector(0, pem(RIGHT) + named),
                          connector(1, pem(RIGHT, "leaf.pem", chain)), connector(2, pem(RIGHT, more=chain)), connector(3, pem("wrong-order")),
                          connector(4, pem("leaf-only", "leaf.pem")), '<Engine name="Catalina" defaultHost="localhost">'
                          '<Host name="localhost" appBase="webapps"/></Engine></Service></Server>')

    def command(self):
        home = "/usr/share/tomcat10"
        return [program("java"), "-cp", f"{home}/bin/bootstrap.jar:{home}/bin/tomcat-juli.jar", f"-Dcatalina.home={home}",
                f"-Dcatalina.base={self.folder}", f"-Djava.io.tmpdir={self.folder}/temp", "org.apache.catalina.startup.Bootstrap", "start"]

    def questions(self):
        return [(n, None, n, None) for n in range(5)] + [(0, "expired.practice.test", 0, "expired.practice.test"),
                                                         (0, "x.practice.test", 0, "*.practice.test")]


class Apache(Kind):
    count = 7

    def configure(self):
        modules = "/usr/lib/apache2/modules"
        self.write("inc/macro.conf", f"""<Macro Site $name $port>
<VirtualHost *:$port>
  ServerName $name.practice.test
  SSLEngine on
  SSLCertificateFile ${{KEYS}}/$name/fullchain.pem
  SSLCertificateKeyFile ${{KEYS}}/$name/key.pem
</VirtualHost>
</Macro>
""")
        host = lambda number, certificate, more: f"""<VirtualHost {ADDRESS}:{self.ports[number]}>
  ServerName localhost
  SSLEngine on
  SSLCertificateFile {certificate}
  SSLCertificateKeyFile {self.chain(RIGHT, "key.pem")}
  {more}
</VirtualHost>
"""
        right, leaf = self.chain(RIGHT), self.chain(RIGHT, "leaf.pem")
        (self.folder / "tree/deep").mkdir(parents=True)
        # https by its Listen alone, in a folder of a folder; the key is the main server's.
        (self.folder / "tree/deep/x.conf").write_text(f"<VirtualHost {ADDRESS}:{self.ports[5]}>\nServerName localhost\nSSLCertificateFile {leaf}\n</VirtualHost>\n")
        return self.write("apache.conf", f"""ServerRoot "{self.folder}"
ServerName localhost
PidFile {self.folder}/pid
ErrorLog {self.folder}/error.log
Define KEYS {right.parent.parent}
""", *(f"LoadModule {name}_module {modules}/mod_{name}.so\n" for name in ("mpm_event", "ssl", "macro", "authz_core")),
                          *(f"Listen {ADDRESS}:{port}{' https' if n == 5 else ''}\n" for n, port in enumerate(self.ports)), f"""IncludeOptional none/*.conf
Include inc/macro.conf
Use Site wildcard {self.ports[0]}
Use Site expired {self.ports[0]}
Include tree
SSLCertificateKeyFile {self.chain(RIGHT, "key.pem")}
<IfVersion < 2.4>
<VirtualHost {ADDRESS}:{self.ports[6]}>
  SSLEngine on
  SSLCertificateFile {leaf}
</VirtualHost>
</IfVersion>
""", host(6, right, ""), host(1, right, f"SSLCertificateChainFile {self.chain(RIGHT, 'chain.pem')}"), host(2, leaf, f"SSLCACertificateFile {self.ca_file()}"),
                          host(3, leaf, f"SSLCertificateChainFile {right}"), f'<IfFile "{self.folder}/none">\n', host(4, right, ""), "</IfFile>\n",
                          "<IfDefine !NONE>\n", host(4, leaf, f"SSLCertificateChainFile {self.chain('wrong-order', 'chain.pem')}"), "</IfDefine>\n")

    def command(self):
        return [program("apache2"), "-X", "-f", self.folder / "apache.conf"]

    def questions(self):
        return [(n, None, n, None) for n in range(1, 7)] + [(0, f"{n}.practice.test", 0, f"{n}.practice.test") for n in ("wildcard", "expired")]


class Haproxy(Kind):
    count = 5

    def configure(self):
        for name, identifier, certificate in (("right.pem", RIGHT, "fullchain.pem"), ("wild.pem", "wildcard", "fullchain.pem"),
                                              ("leaf.pem", RIGHT, "leaf.pem")):
            self.write(name, *self.pair(identifier, certificate))
        expired = self.pair("expired")
        self.write("apart.crt", expired[0])
        self.write("apart.key", expired[1])
        self.write("leaf.pem.key", expired[1])  # not asked for: leaf.pem holds its own
        self.write("key first.pem", self.chain("root-served", "key.pem"), self.chain("root-served"))
        self.write("issuers/a.pem", self.chain(RIGHT, "chain.pem"))
        self.write("list", f"""# certificates
right.pem [alpn h2 ssl-min-ver TLSv1.2] new-right.practice.test !no.practice.test
wild.pem *.practice.test
{self.folder}/apart.crt [verify none] expired.practice.test
""")
        return self.write("haproxy.cfg", f"""global
  crt-base {self.folder}
  ssl-load-extra-del-ext
  issuers-chain-path {self.folder}/issuers
defaults
  mode http
  timeout client 1s
  timeout connect 1s
  timeout server 1s
frontend a
  bind {ADDRESS}:{self.ports[0]} ssl crt-list {self.folder}/list
  bind {ADDRESS}:{self.ports[1]} ssl crt leaf.pem
  bind {ADDRESS}:{self.ports[2]} ssl crt "key first.pem"
  bind {ADDRESS}:{self.ports[3]} ssl crt apart.crt
""")

    def command(self):
        return [program("haproxy"), "-db", "-f", self.folder / "haproxy.cfg"]

    def questions(self):
        names = {"new-right.practice.test": "new-right.practice.test", "x.practice.test": "*.practice.test",
                 "expired.practice.test": "expired.practice.test"}
        return [(n, None, n, None) for n in (1, 2, 3)] + [(0, name, 0, shown) for name, shown in names.items()]


class Nginx(Kind):
    count = 4

    def configure(self):
        key = self.folder / "locked.key"
        subprocess.run(["openssl", "pkcs8", "-topk8", "-in", self.chain("wildcard", "key.pem"), "-out", key, "-passout", f"pass:{PASSWORD}"],
                       check=True, timeout=60)
        words = self.write("words", f"no\n{PASSWORD}\n")
        server = lambda number, certificate, its_key, more="": (
            f'server {{ listen {ADDRESS}:{self.ports[number]} ssl; ssl_certificate "{certificate}"; ssl_certificate_key "{its_key}"; {more} }}\n')
        ca = self.ca_file()
        return self.write("nginx.conf", f"""daemon off; master_process off; error_log "{self.folder}/error.log"; pid "{self.folder}/pid";
events {{}}
http {{
  access_log off;
  ssl_password_file "{words}";
  map $ssl_server_name $which {{ default {RIGHT}; }}
  ssl_certificate {self.chain("wrong-order")};
  ssl_certificate_key {self.chain("wrong-order", "key.pem")};
  server {{ listen {ADDRESS}:{self.ports[3]} ssl; }}
  server {{ listen {ADDRESS}:{self.ports[3]}; server_name wildcard.practice.test; }}
""", server(0, self.chain(RIGHT, "leaf.pem"), self.chain(RIGHT, "key.pem"), f'ssl_trusted_certificate "{ca}"; ssl_client_certificate "{ca}";'),
                          server(1, self.chain("wildcard"), key), server(2, f"{self.chain(RIGHT).parent.parent}/$which/fullchain.pem",
                                                                         f"{self.chain(RIGHT).parent.parent}/$which/key.pem"), "}\n")

    def command(self):
        return [program("nginx"), "-c", self.folder / "nginx.conf"]

    def questions(self):
        return [(0, None, 0, None), (1, None, 1, None), (3, None, 3, None), (3, "wildcard.practice.test", 3, "wildcard.practice.test")]

    def run(self):
        report = super().run()
        last = report["servers"][-1]
        self.context.checks.equal("nginx: a variable is not guessed", (last["served"], last["verdict"]), ([], "unjudged"))
        self.context.checks.equal("nginx: the password of the configuration opens its key", report["servers"][3]["key_matches"], True)


class Context:
    # Names that a site may be told apart by.
    hosts = {"wildcard.practice.test", "www.wildcard.practice.test", "expired.practice.test", "leaf-only.practice.test",
             "new-right.practice.test", "*.practice.test"}

    def __init__(self, checks, tool, chains, folder):
        self.checks, self.chains, self.folder = checks, chains, folder
        self.program = harness.Program(tool, chains.machine_store)
        self.validate = harness.validator()

    def report(self, server):
        done = self.program.run("local", "--server", server, "--catalogue", self.chains.catalogue, "--time", harness.JUDGED_AT, "--json", "-",
                                "--lang", "en")
        self.checks.check(f"{server}: no password shows", PASSWORD.encode() not in done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.checks.equal(f"{server}: follows the schema", self.validate(report), [])
        return report


def missing_includes(context):
    """A file that is named and is not there is said, and what else was read is judged."""
    folder = context.folder / "missing"
    folder.mkdir()
    certificate, key = context.chains.file(RIGHT), context.chains.file(RIGHT, "key.pem")
    cases = {
        "nginx": f'http {{ include "{folder}/none.conf"; server {{ listen 443 ssl; ssl_certificate "{certificate}"; ssl_certificate_key "{key}"; }} }}',
        "apache": f'Include "{folder}/none.conf"\n<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile "{certificate}"\n'
                  f'SSLCertificateKeyFile "{key}"\n</VirtualHost>\n',
        "lighttpd": f'include "none.conf"\nssl.engine = "enable"\nssl.pemfile = "{certificate}"\nssl.privkey = "{key}"\n',
        "dovecot": f"!include none.conf\nssl_cert = <{certificate}\nssl_key = <{key}\n",
        "stunnel": f"include = none.conf\n[a]\naccept = 1\ncert = {certificate}\nkey = {key}\n",
    }
    for kind, text in cases.items():
        path = folder / f"{kind}.conf"
        path.write_text(text)
        servers = context.report(f"{kind}={path}")["servers"]
        said = [s for s in servers if s["reason"] and "none.conf" in s["reason"]]
        context.checks.equal(f"{kind}: an include that is not there", [(s["path"], s["verdict"]) for s in said], [(str(path), "unjudged")])
        context.checks.equal(f"{kind}: the rest is judged", [s["served"] for s in servers if not s["reason"]],
                             [context.chains.fingerprints(RIGHT)])


def main():
    checks = harness.Checks()
    tool, practice = harness.arguments()
    # stunnel, HAProxy and Apache take no blanks in paths.
    with tempfile.TemporaryDirectory(prefix="chaintier-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        context = Context(checks, tool, harness.PracticeChains(practice, folder / "practice"), folder)
        for kind in (Stunnel, Lighttpd, Dovecot, Postfix, Tomcat, Apache, Haproxy, Nginx):
            if kind in (Dovecot, Postfix) and os.geteuid() != 0:
                print(f"left out: {kind.__name__}, which only root can start")
                continue
            kind(context).run()
        missing_includes(context)
    checks.finish()


if __name__ == "__main__":
    main()
