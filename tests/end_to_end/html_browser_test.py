"""The HTML report in a real browser: both languages, with scripts and without, on a telephone, in the dark, on paper,
and with certificates that try to break out of it."""

import json
import re
import subprocess

import browser
import harness
import hostile

# Elements whose visible text has less contrast than WCAG 2.1 AA wants (1.4.3).
CONTRAST = r"""(() => {
  const number = text => {
    const found = text.match(/[\d.]+/g).map(Number);
    return {rgb: found.slice(0, 3), alpha: found.length > 3 ? found[3] : 1};
  };
  const light = ({rgb}) => {
    const [r, g, b] = rgb.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = number(getComputedStyle(e).backgroundColor);
      if (colour.alpha === 1) return colour;
      if (colour.alpha > 0) return null;
    }
    return number("rgb(255,255,255)");
  };
  const bad = new Set();
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement, style = getComputedStyle(element);
    if (!node.data.trim() || !element.getClientRects().length || element.closest("svg,script,style")) continue;
    const back = ground(element);
    if (!back) { bad.add("half transparent: " + element.className); continue; }
    seen++;
    const [a, b] = [light(number(style.color)), light(back)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) bad.add(`${element.tagName}.${element.className}: ${ratio.toFixed(2)}`);
  }
  return {seen, bad: [...bad]};
})()"""

# What reaches beyond the width of the page: nothing may, but for the inside of boxes that scroll.
OVERFLOW = r"""(() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll("*")].filter(e => {
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height || box.right <= width + 1) return false;
    for (let p = e.parentElement; p; p = p.parentElement)
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(p).overflowX)) return false;
    return getComputedStyle(e).position !== "absolute";
  });
  return {page: document.documentElement.scrollWidth - width, wide: wide.slice(0, 5).map(e => e.tagName + "." + e.className)};
})()"""


# What a reader without eyes, without a mouse or with a thumb runs into (WCAG 2.2: 1.1.1, 1.4.3 in drawings, 2.1.1, 2.4.7,
# 2.5.8, 3.1.2, 4.1.2), and ids that are there twice.
ACCESS = r"""(() => {
  const bad = new Set(), seen = {controls: 0, drawn: 0, focused: 0};
  const shows = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const say = (what, e) => bad.add(`${what}: ${e.tagName}.${e.className.baseVal ?? e.className} ${e.textContent.trim().slice(0, 30)}`);
  const ids = new Set();
  for (const e of document.querySelectorAll("[id]")) ids.has(e.id) ? say("id twice", e) : ids.add(e.id);
  for (const e of document.querySelectorAll("[aria-labelledby],[for],a[href^='#']")) {
    const names = (e.getAttribute("aria-labelledby") ?? e.getAttribute("for") ?? e.getAttribute("href").slice(1)).split(" ");
    if (!names.every(name => ids.has(name))) say("leads nowhere", e);
  }
  const controls = [...document.querySelectorAll("a,button,input,select,summary,[tabindex]")].filter(shows);
  for (const e of controls) {
    seen.controls++;
    const name = e.ariaLabel || (e.labels && [...e.labels].map(l => l.textContent).join("")) || e.textContent;
    if (!name.trim()) say("no name", e);
    if (e.tabIndex < 0) say("out of reach of the keyboard", e);
  }
  for (const e of document.querySelectorAll("body *"))
    if (shows(e) && ["auto", "scroll"].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1
        && e.tabIndex < 0 && !e.querySelector("a,button,summary")) say("scrolls without a keyboard", e);
  for (const e of document.querySelectorAll("svg:not(.sprite)"))
    if (shows(e) && e.ariaHidden !== "true" && !(e.getAttribute("role") === "img" && e.querySelector("title"))) say("a drawing without words", e);
  const inline = e => e.tagName === "A" && [...e.parentElement.childNodes].some(n => n.nodeType === 3 && n.data.trim().length > 3);
  const small = controls.filter(e => ["A", "BUTTON", "SUMMARY"].includes(e.tagName) && !inline(e) && e.getClientRects().length === 1).map(e => ({e, box: e.getBoundingClientRect()}));
  small.sort((a, b) => a.box.top - b.box.top);
  small.forEach((one, i) => {
    for (let j = i + 1; j < small.length && small[j].box.top < one.box.bottom + 24; j++) {
      const other = small[j], dy = Math.abs(other.box.top + other.box.height / 2 - one.box.top - one.box.height / 2);
      if (one.box.height < 24 && dy > 1 && dy < 24 && one.box.left < other.box.right && other.box.left < one.box.right) say("too near to the next", one.e);
    }
  });
  const kinds = new Set();
  for (const e of controls) {
    const kind = e.tagName + e.className + e.closest("main,footer,body").tagName;
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    document.activeElement?.blur();
    e.focus({focusVisible: true, preventScroll: true});
    if (document.activeElement !== e) { say("takes no focus", e); continue; }
    seen.focused++;
    const mark = e.classList.contains("switch") ? e.labels[0] : e, style = getComputedStyle(mark);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1) say("focus does not show", e);
  }
  const light = text => {
    const [r, g, b] = text.match(/[\d.]+/g).map(Number).map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const e of document.querySelectorAll("svg.graph .node text")) {
    if (!shows(e)) continue;
    seen.drawn++;
    const ground = e.parentElement.querySelector(e.classList.contains("mark") ? "circle" : "rect");
    const [a, b] = [light(getComputedStyle(e).fill), light(getComputedStyle(ground).fill)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) say("contrast in a drawing", e);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());)
    if (/[\u4e00-\u9fff]/.test(node.data) && !node.parentElement.closest("[lang]").lang.startsWith("zh")) say("language", node.parentElement);
  return {seen, bad: [...bad].slice(0, 20)};
})()"""


def words(language):
    return json.loads((harness.ROOT / f"data/texts/{language}.json").read_text())["words"]


def visible(chrome):
    return chrome.evaluate("document.body.innerText")


def quiet(checks, what, chrome):
    checks.equal(f"{what}: no complaint of the browser", chrome.complaints(), [])
    checks.check(f"{what}: nothing ran that is not ours", chrome.evaluate("document.title") != "broken")


def languages(checks, chrome, page):
    texts = {"zh": words("zh-TW"), "en": words("en")}
    for scripts in (True, False):
        what = f"{page.name}, scripts {'on' if scripts else 'off'}"
        chrome.open(page, scripts=scripts)
        for shown, other in (("zh", "en"), ("en", "zh"), ("zh", "en")):
            chrome.click(f"[for=in-{shown}]")
            text = visible(chrome)
            for key in ("title.report", "label.judged_at"):
                checks.check(f"{what}: {shown} is shown", texts[shown][key] in text, text[:200])
                checks.check(f"{what}: {other} is not", texts[other][key] not in text, text[:200])
            mains = chrome.evaluate("[...document.querySelectorAll('main')].filter(e => e.getClientRects().length).length")
            checks.equal(f"{what}: one main landmark shows", mains, 1)
        quiet(checks, what, chrome)


def table(checks, chrome, page, count):
    chrome.open(page, scripts=False)
    checks.equal("table without scripts: all rows", chrome.evaluate("document.querySelector('.in-zh table.targets').tBodies[0].rows.length"), count)
    checks.equal("table without scripts: no dead controls", chrome.evaluate("document.querySelectorAll('.filter,th button').length"), 0)

    chrome.open(page)
    shown = "[...document.querySelector('.in-zh table.targets').tBodies[0].rows].filter(row => row.getClientRects().length)"
    chrome.click(".in-zh .filter input")
    chrome.type("CROSS-missing")
    checks.equal("table: filtered by name", chrome.evaluate(f"{shown}.map(row => row.cells[0].textContent.split('.')[0])"), ["cross-missing"])
    chrome.evaluate("(() => { const f = document.querySelector('.in-zh .filter input'); f.value = ''; f.dispatchEvent(new Event('input')); })()")
    chrome.evaluate("(() => { const f = document.querySelector('.in-zh .filter select'); f.value = 'warning'; f.dispatchEvent(new Event('change')); })()")
    verdicts = chrome.evaluate(f"{shown}.map(row => row.dataset.verdict)")
    checks.check("table: filtered by verdict", verdicts and set(verdicts) == {"warning"}, verdicts)
    chrome.evaluate("(() => { const f = document.querySelector('.in-zh .filter select'); f.value = ''; f.dispatchEvent(new Event('change')); })()")
    for direction in ("ascending", "descending"):
        chrome.click(".in-zh table.targets th:nth-child(4) button")
        dates = chrome.evaluate(f"{shown}.map(row => row.cells[3].textContent)")
        known = [date for date in dates if date]
        checks.equal(f"table: sorted by date, {direction}", known, sorted(known, reverse=direction == "descending"))
        checks.check(f"table: {direction}, rows without a date last", dates == known + [""] * (len(dates) - len(known)) and len(dates) == count)
        checks.equal("table: aria-sort", chrome.evaluate("document.querySelector('.in-zh table.targets th:nth-child(4)').ariaSort"), direction)
    quiet(checks, "table", chrome)


def looks(checks, chrome, page):
    for dark in (False, True):
        for media in ("", "print"):
            chrome.open(page, dark=dark)
            chrome.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
            chrome.call("Emulation.setEmulatedMedia", media=media,
                        features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
            result = chrome.evaluate(CONTRAST)
            what = f"{page.name}, {'dark' if dark else 'light'} {media}"
            checks.check(f"{what}: much text was looked at", result["seen"] > 100, result["seen"])
            checks.equal(f"{what}: contrast", result["bad"], [])
    chrome.open(page)
    bare = chrome.evaluate("[...document.querySelectorAll('.badge,.tiles .label,.problem')].filter(e => !e.textContent.trim()).length")
    checks.equal(f"{page.name}: no mark without a word", bare, 0)
    heads = chrome.evaluate("[...document.querySelectorAll('table')].filter(t => !t.tHead || ![...t.tHead.rows[0].cells].every(c => c.scope === 'col' && c.textContent.trim())).length")
    checks.equal(f"{page.name}: every table has column headings", heads, 0)
    skipped = chrome.evaluate("""(() => { let before = 0; const bad = [];
        for (const h of document.querySelectorAll(".in-zh :is(h1,h2,h3,h4,h5,h6)")) { const level = +h.tagName[1];
          if (level > before + 1) bad.push(h.tagName + " " + h.textContent.slice(0, 40)); before = level; } return bad; })()""")
    checks.equal(f"{page.name}: no level of headings is left out", skipped, [])


def access(checks, chrome, page):
    for dark in (False, True):
        for language in ("zh", "en"):
            chrome.open(page, dark=dark)
            if chrome.evaluate(f"!!document.querySelector('[for=in-{language}]')"):
                chrome.click(f"[for=in-{language}]")
            chrome.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
            result = chrome.evaluate(ACCESS)
            what = f"{page.name}, {'dark' if dark else 'light'}, {language}"
            checks.check(f"{what}: controls, drawings and focus were looked at", min(result["seen"].values()) > 3, result["seen"])
            checks.equal(f"{what}: nothing in the way", result["bad"], [])


def narrow(checks, chrome, page):
    for width in (390, 320):
        for language in ("zh", "en"):
            chrome.open(page, width=width, height=800)
            if chrome.evaluate(f"!!document.querySelector('[for=in-{language}]')"):
                chrome.click(f"[for=in-{language}]")
            for opened in (False, True):
                if opened:
                    chrome.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
                result = chrome.evaluate(OVERFLOW)
                what = f"{page.name}, {width} px, {language}{', all opened' if opened else ''}"
                checks.equal(f"{what}: does not scroll sideways", (result["page"], result["wide"]), (0, []))


def paper(checks, chrome, page, folder, expected):
    chrome.open(page)
    file = folder / "page.pdf"
    file.write_bytes(chrome.pdf())
    information = subprocess.run(["pdfinfo", file], capture_output=True, text=True, timeout=60, check=True).stdout
    pages = int(re.search(r"^Pages:\s+(\d+)", information, re.M)[1])
    checks.check(f"{page.name} on paper: has pages", 1 <= pages <= 400, pages)
    checks.check(f"{page.name} on paper: text on every page", pages > 0 and all(
        part.strip() for part in subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True,
                                                timeout=60, check=True).stdout.split("\f")[:pages]))
    text = re.sub(r"\s+", "", subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, timeout=60, check=True).stdout)
    for part in expected:
        checks.check(f"{page.name} on paper: {part}", re.sub(r"\s+", "", part) in text)


def breaking_out(checks, chrome, page):
    for scripts in (True, False):
        for width in (1280, 390):
            chrome.open(page, scripts=scripts, width=width)
            what = f"hostile certificate, scripts {'on' if scripts else 'off'}, {width} px"
            quiet(checks, what, chrome)
            checks.equal(f"{what}: no element of theirs", chrome.evaluate("document.querySelectorAll('img,iframe,form,[onerror],[onclick]').length"), 0)
            chrome.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
            text = visible(chrome)
            checks.check(f"{what}: markup is shown as text", "<script>document.title" in text)
            checks.check(f"{what}: direction marks are written out", "\\u{202e}" in text)
            controls = sorted({hex(ord(c)) for c in text if (ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0
                               or 0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 or ord(c) in (0x200F, 0x61C, 0x2028)})
            checks.equal(f"{what}: no control characters", controls, [])
            checks.equal(f"{what}: stays in its width", chrome.evaluate(OVERFLOW), {"page": 0, "wide": []})
            height = chrome.evaluate("document.documentElement.scrollHeight")
            checks.check(f"{what}: names without end do not fill it", height < 60_000, height)


def main():
    with harness.practice() as (checks, program, chains, folder), browser.Browser() as chrome:
        program.environment["LC_ALL"] = "zh_TW.UTF-8"
        one, many, bad = folder / "one.html", folder / "many.html", folder / "hostile.html"
        judge = ["--catalogue", chains.catalogue, "--time", harness.JUDGED_AT]
        program.run("inspect", "--served", chains.file("cross-missing"), "--host", "cross-missing.practice.test", *judge, "--html", one)
        program.run("demo", "--html", many, "--json", folder / "many.json", cwd=folder, timeout=120)
        count = len(json.loads((folder / "many.json").read_text())["targets"])
        pem = folder / "hostile <b>name.pem"
        pem.write_text(hostile.pem())
        done = program.run("inspect", "--served", pem, "--host", "ok.practice.test", *judge, "--html", bad)
        checks.check("the hostile chain is read", done.returncode == 1, done.stderr.decode())
        for page in (one, many):
            languages(checks, chrome, page)
            looks(checks, chrome, page)
            access(checks, chrome, page)
            narrow(checks, chrome, page)
        table(checks, chrome, many, count)
        paper(checks, chrome, one, folder, ["chain.cross_missing", words("zh-TW")["title.certificates"]])
        paper(checks, chrome, many, folder, ["chain.cross_missing", words("zh-TW")["title.calendar"]])
        breaking_out(checks, chrome, bad)


main()
