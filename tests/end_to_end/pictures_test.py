"""The pictures of README: they can be made anew, and what is there is what would be made."""

import re
from pathlib import Path

import harness
import pictures


def main():
    path, _ = harness.arguments()
    checks = harness.Checks()
    readme = (harness.ROOT / "README.md").read_text()
    with harness.temporary_folder() as name:
        drawn = pictures.draw(harness.Program(path), Path(name))
    kept = {file.name: file.read_bytes() for file in pictures.FOLDER.glob("*")}
    checks.equal("a file for each picture, and no other", sorted(kept), sorted(pictures.PICTURES))
    for name, png in drawn.items():
        wanted = pictures.WIDTH, pictures.PICTURES[name][3]
        checks.equal(f"{name}: size as drawn now", pictures.size(png), wanted)
        checks.equal(f"{name}: size as kept", pictures.size(kept.get(name, b"")), wanted)
        for what, octets in (("now", len(png)), ("kept", len(kept.get(name, b"")))):
            # A page without text would be much smaller.
            checks.check(f"{name}, {what}: neither empty nor large", 15_000 < octets < pictures.MOST_OCTETS, octets)
        shown = re.findall(rf"!\[([^\]]+)\]\(data/pictures/{re.escape(name)}\)", readme)
        checks.check(f"{name}: README shows it, and says in words what is on it", len(shown) == 1 and len(shown[0]) > 15, shown)
    checks.equal("README shows nothing that is not there",
                 sorted(re.findall(r"\(data/pictures/([^)]+)\)", readme)), sorted(pictures.PICTURES))
    script = (harness.ROOT / "dev").read_text()
    checks.check("./dev picture is a command", "cmd_picture()" in script and "./dev picture" in readme)
    checks.finish()


main()
