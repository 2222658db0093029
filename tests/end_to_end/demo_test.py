"""`chaintier demo`: the practice fleet, scanned by the program itself, gives what it should."""

import json
from pathlib import Path

import harness


def main():
    path, _ = harness.arguments()
    checks = harness.Checks()
    validate = harness.validator()
    with harness.temporary_folder() as name:
        folder = Path(name)
        done = harness.Program(path).run("demo", cwd=folder, timeout=120)
        said = done.stdout.decode() + done.stderr.decode()
        checks.check("exit code 0", done.returncode == 0, f"{done.returncode}\n{said[-3000:]}")
        made = list(folder.iterdir())
        checks.equal("one new folder", len(made), 1)
        for one in made:
            checks.check("the folder is named", one.name in said, said[-500:])
            reports = {path.suffix: path for path in one.rglob("*") if path.is_file()}
            if checks.check("JSON and HTML reports", {".json", ".html"} <= reports.keys(), sorted(reports)):
                report = json.loads(reports[".json"].read_text())
                checks.equal("the report is valid", validate(report), [])
                checks.check("every server is in it", len(report["targets"]) >= 30, len(report["targets"]))
        # Leaves become shorter, and rules of clients begin to count, as the years go on.
        for day in ("2026-07-01", "2027-02-01", "2027-06-01", "2029-06-01"):
            done = harness.Program(path).run("demo", "--time", f"{day}T00:00:00Z", "--jsonl", folder / "lines", cwd=folder,
                                             timeout=120)
            checks.check(f"exit code 0 at {day}", done.returncode == 0, done.stderr.decode()[-3000:])
    checks.finish()


main()
