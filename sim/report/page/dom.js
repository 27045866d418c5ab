// SPDX-License-Identifier: GPL-3.0-or-later
// Elements of HTML and SVG. Texts go in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function html(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** A table of the figures behind a picture, filled when it is opened: some have hundreds of rows. */
export function tableOf(columns, rows, title = "The figures as a table") {
  const details = html("details", { class: "table" }, html("summary", {}, title));
  details.addEventListener(
    "toggle",
    () => {
      const heads = columns.map((column) => html("th", { scope: "col" }, column));
      const body = rows().map((row) =>
        html("tr", {}, ...row.map((cell, i) => (i === 0 ? html("th", { scope: "row" }, cell) : html("td", { "data-column": columns[i] }, cell)))),
      );
      details.append(html("table", {}, html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...body)));
    },
    { once: true },
  );
  return details;
}

/** Colour and word for each part of a picture. */
export function legendOf(items) {
  return html(
    "ul",
    { class: "legend" },
    ...items.map(([colour, word, kind]) => html("li", {}, kind === "none" ? null : html("span", { class: `swatch ${kind ?? "area"} ${colour}`, "aria-hidden": "true" }), word)),
  );
}
