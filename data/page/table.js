"use strict";
// Sorting and filtering of the table of targets. Without scripts the table is whole, the worst first.
for (const table of document.querySelectorAll("table.targets")) {
  const words = table.dataset, body = table.tBodies[0], rows = [...body.rows];
  const cells = rows.map(row => row.textContent.toLowerCase());
  const order = ["error", "warning", "unjudged", "note", "ok"];

  const bar = document.createElement("div"), field = document.createElement("input"),
        choice = document.createElement("select"), count = document.createElement("output");
  bar.className = "filter";
  field.type = "search";
  field.placeholder = words.filter;
  field.setAttribute("aria-label", words.filter);
  choice.setAttribute("aria-label", table.tHead.rows[0].cells[1].textContent);
  choice.add(new Option(words.any, ""));
  for (const verdict of order) {
    const row = rows.find(row => row.dataset.verdict === verdict);
    if (row) choice.add(new Option(row.cells[1].textContent, verdict));
  }
  bar.append(field, choice, count);
  table.parentElement.before(bar);

  const show = () => {
    const wanted = field.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, i) => {
      const fits = cells[i].includes(wanted) && (!choice.value || row.dataset.verdict === choice.value);
      row.hidden = !fits;
      shown += fits;
    });
    count.textContent = `${words.shown} ${shown} / ${rows.length}`;
  };
  field.addEventListener("input", show);
  choice.addEventListener("change", show);
  show();

  const value = (row, column) =>
      column === 1 ? order.indexOf(row.dataset.verdict) : row.cells[column].textContent;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = words.sort;
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down === 1 ? "ascending" : "descending");
      const compare = new Intl.Collator(undefined, {numeric: true}).compare;
      const keyed = rows.map((row, i) => ({row, i, key: value(row, column)}));
      keyed.sort((a, b) => {
        // What has no value comes last in both directions.
        if (a.key === "" || b.key === "") return (a.key === "") - (b.key === "") || a.i - b.i;
        return down * (column === 1 ? a.key - b.key : compare(a.key, b.key)) || a.i - b.i;
      });
      body.append(...keyed.map(entry => entry.row));
    });
  });
}
// A link from the table opens what it leads to.
const open = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const box = target && target.closest("details");
  if (box) box.open = true;
};
addEventListener("hashchange", open);
open();
