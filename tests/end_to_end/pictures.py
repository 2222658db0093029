"""The pictures of README: the practice fleet, scanned, reported, and shown by a real browser.

    pictures.py PROGRAM FOLDER      draws them into FOLDER (./dev picture does it, into data/pictures)
"""

import json
import subprocess
import sys
from pathlib import Path

import browser
import harness

WIDTH = 1000
MOST_OCTETS = 200_000
TARGET = "cross-missing.practice.test"
# File: which page, in which language, and the part of it: an element that the picture begins at, and the height.
PICTURES = {
    "target.en.png": ("target", "en", None, 1010),
    "target.zh-TW.png": ("target", "zh-TW", None, 1010),
    "paths.en.png": ("target", "en", "section.paths", 1010),
    "fleet.en.png": ("fleet", "en", None, 760),
    "fleet.zh-TW.png": ("fleet", "zh-TW", None, 760),
}
FOLDER = harness.ROOT / "data/pictures"


def reports(program, folder):
    """The pages by (name, language). Time is fixed; ports and keys are those of this run."""
    pages = {}
    for language in ("en", "zh-TW"):
        lines, one = folder / f"{language}.jsonl", folder / f"{language}.one.jsonl"
        fleet, target = folder / f"fleet.{language}.html", folder / f"target.{language}.html"
        done = program.run("demo", "--time", harness.JUDGED_AT, "--lang", language, "--jsonl", lines, "--html", fleet,
                           cwd=folder, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"demo ended with {done.returncode}: {done.stderr.decode()}")
        chosen = [line for line in lines.read_text().splitlines() if json.loads(line)["host"] == TARGET]
        one.write_text("\n".join(chosen) + "\n")
        done = program.run("merge", one, "--lang", language, "--html", target)
        if done.returncode != 1:
            raise RuntimeError(f"merge ended with {done.returncode}: {done.stderr.decode()}")
        pages["fleet", language], pages["target", language] = fleet, target
    return pages


def draw(program, folder, names=PICTURES):
    """The pictures as PNG, by name: 256 colours, which is plenty for text and keeps the repository small."""
    pages = reports(program, folder)
    drawn = {}
    with browser.Browser() as chrome:
        for name in names:
            page, language, start, height = PICTURES[name]
            chrome.open(pages[page, language], width=WIDTH)
            top = 0
            if start:
                top = chrome.evaluate(f"document.querySelector({json.dumps(start)}).getBoundingClientRect().top + scrollY") - 24
            raw = chrome.picture(WIDTH, height, top)
            drawn[name] = subprocess.run(["pngquant", "--speed", "1", "--strip", "64", "-"], input=raw, capture_output=True,
                                         timeout=60, check=True).stdout
    return drawn


def size(png):
    """Width and height that the header of a PNG names (PNG 11.2.2)."""
    if png[:8] != b"\x89PNG\r\n\x1a\n" or png[12:16] != b"IHDR":
        return None
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: pictures.py PROGRAM FOLDER")
    target = Path(sys.argv[2])
    with harness.temporary_folder() as name:
        drawn = draw(harness.Program(sys.argv[1]), Path(name))
    target.mkdir(parents=True, exist_ok=True)
    for name, png in drawn.items():
        (target / name).write_bytes(png)
        print(f"{target / name}: {len(png)} octets")


if __name__ == "__main__":
    main()
