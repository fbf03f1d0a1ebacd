// What a reader can do to the page: sort and filter long tables, and draw a chunk's place.
// Without it the page says the same.
"use strict";
(() => {
  // Numbers and times are sorted by data-sort, missing ones (empty) at the end of the small ones.
  const value = (text) => (text.trim() === "" ? -Infinity : parseFloat(text));
  Tablesort.extend("value", () => false, (a, b) => (value(a) === value(b) ? 0 : value(b) - value(a)));

  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, text] of Object.entries(attributes)) made.setAttribute(key, text);
    made.append(...children);
    return made;
  };

  let tables = 0;
  const withButton = (head) => head.replaceChildren(element("button", { type: "button", class: "sort" }, ...head.childNodes));
  const withoutButton = (head) => head.replaceChildren(...head.firstChild.childNodes);
  const heads = [];
  const sortable = (table) => {
    for (const head of table.tHead.rows[0].cells) {
      withButton(head);
      heads.push(head);
    }
    new Tablesort(table);
    // The buttons are what the keyboard reaches, not the cells around them.
    for (const head of table.tHead.rows[0].cells) head.removeAttribute("tabindex");
  };

  const filterable = (table) => {
    tables += 1;
    const rows = [...table.tBodies[0].rows];
    const field = element("input", { type: "search", id: `filter-${tables}`, autocomplete: "off", spellcheck: "false" });
    const told = element("output", { for: field.id }, `${rows.length} rows`);
    const label = element("label", { for: field.id }, "Filter", element("span", { class: "unseen" }, ` the table: ${table.caption.textContent.trim()}`));
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      told.textContent = words.length ? `${shown} of ${rows.length} rows` : `${rows.length} rows`;
    });
    const scrolling = table.closest(".wide") || table;
    const both = element("div", { class: "tooled" }, element("p", { class: "filter" }, label, field, told));
    scrolling.replaceWith(both);
    both.append(scrolling);
  };

  const MANY = 16;
  for (const table of document.querySelectorAll("table[data-tools]")) {
    sortable(table);
    // Fewer rows are seen at a glance.
    if (table.tBodies[0].rows.length > MANY) filterable(table);
  }

  // A chunk's place: its pages as outlines, its boxes on them.
  const drawing = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, text] of Object.entries(attributes)) made.setAttribute(key, text);
    return made;
  };
  const sheet = ([page, width, height, boxes]) => {
    const svg = drawing("svg", { viewBox: `-1 -1 ${width + 2} ${height + 2}`, role: "img", "aria-label": `Page ${page}: ${boxes.length || "no"} boxes` });
    svg.append(drawing("rect", { class: "page", width, height }));
    for (const [x0, y0, x1, y1] of boxes) svg.append(drawing("rect", { class: "box", x: x0, y: y0, width: x1 - x0, height: y1 - y0 }));
    return element("figure", {}, svg, element("figcaption", {}, `page ${page}`));
  };
  for (const table of document.querySelectorAll("table[data-place]")) {
    const panel = document.getElementById(table.dataset.place);
    const [status, command] = [panel.querySelector("[role=status]"), panel.querySelector("code")];
    for (const hint of document.querySelectorAll(".scripted")) hint.hidden = false;
    let chosen = null;
    for (const row of table.tBodies[0].rows) {
      const { chunk, pages } = row.dataset;
      const name = row.cells[0].firstChild;
      const button = element("button", { type: "button", class: "choose", "aria-pressed": "false", "aria-controls": panel.id }, element("span", { class: "unseen" }, "Show the place of "));
      name.replaceWith(button);
      button.append(name);
      button.addEventListener("click", () => {
        if (chosen) chosen.setAttribute("aria-pressed", "false");
        chosen = button;
        button.setAttribute("aria-pressed", "true");
        const sheets = JSON.parse(pages);
        panel.hidden = false;
        const where = element("bdi", {}, row.cells[1].textContent);
        status.replaceChildren(`${chunk} in `, where, sheets.length ? "" : ": it stands on no page of a known size, so there is nothing to draw.");
        panel.querySelector(".sheets").replaceChildren(...sheets.map(sheet));
        command.textContent = `docstrata locate ${chunk} --home ${table.dataset.home} --png ${chunk.slice(0, 8)}.png`;
      });
    }
  }

  // Print shows all: what is folded, and what is filtered away (report.css).
  const folded = new Set();
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details:not([open])")) {
      folded.add(details);
      details.open = true;
    }
    // A head that holds a button is not repeated on the next sheet.
    heads.forEach(withoutButton);
  });
  window.addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
    folded.clear();
    heads.forEach(withButton);
  });
})();
