/* Two to four counties side by side. */
const compareSelects = [0, 1, 2, 3].map((number) => byId("compare-" + number));
compareSelects.forEach((select, number) => {
  if (number > 1) select.append(element("option", { value: "", textContent: "（不选）" }));
  counties.forEach((code) => select.append(element("option", { value: code, textContent: `${data.regions[code].name}（${data.regions[code].city}）` })));
  select.addEventListener("change", () => { location.hash = "#compare/" + [...new Set(compareSelects.map((each) => each.value).filter(Boolean))].join(","); });
});

function standingRows(codes) {
  return listings.flatMap((listing, number) => {
    const rows = codes.map((code) => standingOf[number].get(code));
    if (!rows.some(Boolean)) return [];
    const line = (name, text) => tableRow([`${listing.scope}${name}`, "", ...rows.map((row) => [row ? text(row) : "—", "n"])]);
    return [line("位次", (row) => (row.rank === null ? "—" : String(row.rank))), line("总分", (row) => row.total_text), line("星级", (row) => starsElement(row.stars)), line("位次区间", (row) => (row.low === null ? "—" : `${row.low}–${row.high}`))];
  });
}

function showComparison(codes) {
  compareSelects.forEach((select, number) => { select.value = codes[number] || ""; });
  const names = codes.map((code) => data.regions[code].name);
  const rows = standingRows(codes);
  let feed = "";
  data.columns.forEach((column, number) => {
    if (!codes.some((code) => cellOf(code, number))) return;
    if (column.feed !== feed) {
      feed = column.feed;
      rows.push(element("tr", { className: "group" }, element("th", { colSpan: codes.length + 2, scope: "colgroup", textContent: feed })));
    }
    rows.push(tableRow([titleOf(number), column.unit, ...codes.map((code) => valueCell(cellOf(code, number)))]));
  });
  byId("compare-table").replaceChildren(scrolling("各县比较表", ["指标", "单位", ...names.map((name) => "#" + name)], rows));
  const scored = data.trees[0], of = scored ? codes.filter((code) => scored.regions[code]) : [];
  byId("chart-compare").hidden = of.length < 2;
  byId("compare-scores").replaceChildren();
  if (of.length < 2) return;
  const nodes = scored.tree.filter(([node, , isLeaf]) => isLeaf && of.some((code) => scored.regions[code][node] && scored.regions[code][node][4] !== null)).map(([node]) => node);
  const at = (code, node, place) => (scored.regions[code][node] || ["—", "—", "—", null, null])[place];
  bars("chart-compare", nodes.map((node) => scored.names[node]), of.map((code) => ({ name: data.regions[code].name, values: nodes.map((node) => at(code, node, 4)), texts: nodes.map((node) => at(code, node, 2)) })));
  byId("compare-scores").append(scrolling("各项得分比较表", ["规则节点", ...of.map((code) => "#" + data.regions[code].name)], nodes.map((node) => tableRow([scored.names[node], ...of.map((code) => [at(code, node, 2), "n"])]))));
}
