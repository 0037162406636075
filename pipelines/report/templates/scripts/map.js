/* The tile map: a link per county on a grid, borders where a city ends, shades and legend made before. */
const measureSelect = byId("map-measure");
data.map.measures.forEach((measure, number) => measureSelect.append(element("option", { value: String(number), textContent: measure.name })));

const tileAt = new Map(data.map.tiles.map(([code, row, column]) => [row + "/" + column, code]));
const cityOf = (code) => (code ? data.regions[code].city : "");
const shortName = (name) => (name.length > 4 ? name.slice(0, 2) : name);

function measureText(measure, place) {
  const [code] = data.map.tiles[place];
  return measure.texts ? measure.texts[place] || "—" : valueText(cellOf(code, measure.column));
}

function tile(measure, place, isFirstOfCity) {
  const [code, row, column] = data.map.tiles[place], region = data.regions[code], shade = measure.shades[place];
  const differs = (at) => cityOf(tileAt.get(at)) !== region.city;
  const edges = [differs(row - 1 + "/" + column) && "edge-top", differs(row + 1 + "/" + column) && "edge-bottom", differs(row + "/" + (column - 1)) && "edge-left", differs(row + "/" + (column + 1)) && "edge-right"].filter(Boolean);
  const text = measureText(measure, place);
  const heard = (told) => element("span", { className: "visually-hidden", textContent: told });
  const short = shortName(region.name), full = short === region.name ? "" : ` ${region.name}`;
  const link = element("a", { href: "#county/" + code, className: ["tile", "shade-" + shade, ...edges].join(" "), title: `${region.name} · ${region.city}\n${measure.name} ${text}${measure.unit}` },
    element("span", { className: "of-city", "aria-hidden": "true", textContent: isFirstOfCity ? region.city : "" }), element("b", { textContent: short }), heard(`${full}（${region.city}）${measure.name} `), element("span", { textContent: text }), heard(measure.unit));
  const item = element("li", {}, link);
  item.style.gridArea = `${row} / ${column}`;
  return item;
}

function legend(measure) {
  const kinds = measure.legend.map((text, shade) => [text, String(shade)]).filter(([text]) => text);
  if (measure.shades.includes("x")) kinds.push(["无数值", "x"]);
  return kinds.map(([text, shade]) => element("li", {}, element("span", { className: "swatch shade-" + shade, "aria-hidden": "true" }), text + (shade === "x" ? "" : measure.unit)));
}

function showMap() {
  const measure = data.map.measures[Number(measureSelect.value) || 0], seen = new Set();
  const order = data.map.tiles.map((at, place) => place).sort((a, b) => data.map.tiles[a][1] - data.map.tiles[b][1] || data.map.tiles[a][2] - data.map.tiles[b][2]);
  byId("map-tiles").replaceChildren(...order.map((place) => {
    const city = cityOf(data.map.tiles[place][0]), isFirst = !seen.has(city);
    seen.add(city);
    return tile(measure, place, isFirst);
  }));
  byId("map-legend").replaceChildren(...legend(measure));
  const rows = order.map((place) => ({ place, shade: measure.shades[place], number: numberOf(measureText(measure, place).replace("星", "")) }));
  rows.sort((a, b) => a.shade.localeCompare(b.shade) || (measure.is_down ? a.number - b.number : b.number - a.number) || data.map.tiles[a.place][0].localeCompare(data.map.tiles[b.place][0]));
  byId("map-table").tBodies[0].replaceChildren(...rows.map(({ place }) => {
    const [code] = data.map.tiles[place];
    return tableRow([countyLink(code), data.regions[code].city, [measureText(measure, place), "n"], [measure.shades[place] === "x" ? "—" : String(Number(measure.shades[place]) + 1), "n"]]);
  }));
  byId("map-title").textContent = measure.name + (measure.unit ? `（${measure.unit}）` : "");
}
measureSelect.addEventListener("change", showMap);
