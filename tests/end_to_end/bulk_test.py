"""Two hundred targets at as many addresses, some of which never answer: over in time, every other result intact."""

import json
import socket
import time

import harness
import real_servers

COUNT = 200
STALLED = set(range(5, COUNT, 13))
TARGET_TIMEOUT = 6


def address(index):
    return f"127.89.{index // 100}.{index % 100 + 1}"


class NginxEverywhere(real_servers.Server):
    """One chain at many addresses, all on one port."""

    addresses = [address(index) for index in range(COUNT) if index not in STALLED]

    def begin(self, ports):
        (name, port), = ports.items()
        listens = "".join(f"        listen {one}:{port} ssl;\n" for one in [harness.ADDRESS, *self.addresses])
        (self.folder / "nginx.conf").write_text(
            f"""
daemon off;
master_process off;
pid "{self.folder}/pid";
error_log stderr;
events {{ }}
http {{
    access_log off;
    server {{
{listens}
        ssl_certificate "{self.chains.file(name)}";
        ssl_certificate_key "{self.chains.file(name, "key.pem")}";
        return 204;
    }}
}}
"""
        )
        process = self.launch(
            real_servers.program("nginx"), "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", "stderr"
        )
        return {name: process}


class OneChain:
    def __init__(self, chains, identifier):
        self.list = [chain for chain in chains.list if chain["id"] == identifier]
        self.file = chains.file


def main():
    with harness.practice() as (checks, program, chains, folder):
        chain = OneChain(chains, "new-right")
        with NginxEverywhere(chain, folder) as ports:
            port = ports["new-right"]
            silent = [socket.create_server((address(index), port)) for index in STALLED]
            targets = [f"new-right.practice.test@{address(index)}:{port}" for index in range(COUNT)]
            (folder / "targets.txt").write_text("\n".join(targets) + "\n")
            began = time.monotonic()
            done = program.run(
                "scan", "--targets", folder / "targets.txt", "--catalogue", chains.catalogue,
                "--time", harness.JUDGED_AT, "--target-timeout", TARGET_TIMEOUT, "--json", "-",
            )  # fmt: skip
            took = time.monotonic() - began
            for one in silent:
                one.close()
        checks.check("over within the target timeout and two seconds", took < TARGET_TIMEOUT + 2, f"{took:.1f} s")
        checks.equal("exit code", done.returncode, 3)
        report = json.loads(done.stdout)
        checks.equal("report is valid", harness.validator()(report), [])
        checks.equal("targets in the order given", [target["target"] for target in report["targets"]], targets)
        expected = chain.list[0]["findings"]
        for index, target in enumerate(report["targets"]):
            if index in STALLED:
                checks.equal(f"target {index}: silent", harness.codes(target), ["net.timeout"])
            else:
                checks.equal(f"target {index}: findings", harness.codes(target), expected)
        checks.equal("counted", report["summary"]["by_verdict"].get("unjudged"), len(STALLED))


main()
