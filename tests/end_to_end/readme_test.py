"""README against the program: codes, commands, options, files that it names."""

import re

import harness


def section(readme, title):
    return readme.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def main():
    path, _ = harness.arguments()
    checks = harness.Checks()
    program = harness.Program(path)
    readme = (harness.ROOT / "README.md").read_text()

    source = re.sub(r"\n +", "\n", (harness.ROOT / "src/findings/codes.cpp").read_text())
    codes = set(re.findall(r'^Row\{Code::\w+, "([a-z_.]+)"', source, re.M))
    listed = set(re.findall(r"\b[a-z]+\.[a-z_]+\b", program.run("explain", "--lang", "en").stdout.decode()))
    checks.check("the source has the codes", len(codes) > 60, sorted(codes))
    checks.equal("codes that explain does not list", sorted(codes - listed), [])
    told = set(re.findall(r"`([a-z]+\.[a-z_]+)`", section(readme, "What is checked")))
    checks.equal("codes that README's table lacks", sorted(codes - told), [])
    checks.equal("codes of README's table that there are not", sorted(told - codes), [])

    usage = program.run("--help").stdout.decode()
    commands = re.findall(r"^  ([a-z]+)  +\S", usage[usage.rindex("ommands:"):], re.M)
    rows = re.findall(r"^\| `([a-z]+)[ `]", section(readme, "Commands"), re.M)
    checks.check("the program has commands", len(commands) >= 10, usage)
    checks.equal("README has every command", sorted(rows), sorted(commands))
    options = set()
    for command in commands:
        options |= set(re.findall(r"--[a-z][a-z-]+", program.run(command, "--help").stdout.decode()))
    # Lines on other programs have options of theirs, and `./dev bench` has some of its own, listed in brackets.
    own = re.sub(r"`\./dev bench` \([^)]*\)", "", readme)
    own = "\n".join(line for line in own.splitlines() if not re.search(r"cmake|sbatch|parallel ", line))
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", own))
    checks.equal("options in README that no command has", sorted(used - options - {"--help"}), [])

    for name in re.findall(r"`((?:data|src|tests|reports|probes)/[\w./-]*)`", readme):
        checks.check(f"README: {name} exists", (harness.ROOT / name).exists())
    checks.finish()


main()
