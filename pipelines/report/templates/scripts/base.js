/* What every part of the page uses: the data block, elements, tables. All texts were made and rounded before; nothing is computed here. */
const data = JSON.parse(document.getElementById("board-data").textContent);
const byId = (id) => document.getElementById(id);
const listings = data.listings;
const leading = listings.length ? listings[0].rows : [];
const counties = leading.length ? leading.map((row) => row.code) : Object.keys(data.regions).filter((code) => data.regions[code].level === "c");
const standingOf = listings.map((listing) => new Map(listing.rows.map((row) => [row.code, row])));
const codeOfCity = new Map(Object.entries(data.regions).filter(([, region]) => region.level === "m").map(([code, region]) => [region.name, code]));
const province = Object.keys(data.regions).find((code) => data.regions[code].level === "p");
const starName = (stars) => (stars ? stars + "星" : "无星级");
const starText = (stars) => (stars ? "★".repeat(stars) + "☆".repeat(5 - stars) : "—");
const titleOf = (column) => data.columns[column].name + (data.columns[column].period_name ? "（" + data.columns[column].period_name + "）" : "");
const numberOf = (text) => (text === null || text === undefined || text === "" || text === "—" ? null : Number(text.replaceAll(",", "")));

function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name.includes("-") || name === "role" || name === "scope") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

function drawn(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/* A cell: text, or [text, class], or an element; the first of a row is its heading. */
function tableRow(cells, className) {
  return element("tr", { className: className || "" }, ...cells.map((cell, place) => {
    const [content, style] = Array.isArray(cell) ? cell : [cell, ""];
    return element(place ? "td" : "th", place ? { className: style } : { className: style, scope: "row" }, content === null || content === undefined ? "—" : content);
  }));
}

function table(caption, heads, rows) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col", className: text.startsWith("#") ? "n" : "" }, text.replace("#", ""))));
  return element("table", { className: "grid" }, element("caption", { className: "visually-hidden", textContent: caption }), element("thead", {}, head), element("tbody", {}, ...rows));
}

function scrolling(caption, heads, rows) {
  return element("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": caption }, table(caption, heads, rows));
}

const cellOf = (code, column) => (code && data.regions[code] ? data.regions[code].cells[column] : null) || null;
const valueText = (cell) => (cell === null ? "—" : cell[0]);
const hasState = (cell) => cell !== null && cell.length > 1 && cell[1] !== "";
const valueCell = (cell) => (hasState(cell) ? [element("i", { className: "state", textContent: cell[0] }), "n"] : [valueText(cell), "n"]);
const countyLink = (code) => element("a", { href: "#county/" + code, textContent: data.regions[code].name });
const starsElement = (stars) => element("span", { className: "stars", role: "img", "aria-label": starName(stars), textContent: starText(stars) });
