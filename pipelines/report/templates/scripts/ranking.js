/* The ranking: totals, stars by city, intervals; tables that sort and filter. */
const tables = [...document.querySelectorAll("table.ranking")];

function drawTotals(listing, number) {
  const rows = listing.rows.filter((row) => row.total !== null);
  chart(number ? "chart-totals-" + (number + 1) : "chart-totals", {
    grid: { left: 44, right: 12, top: 16, bottom: 66 },
    tooltip: { trigger: "item", formatter: (item) => `${item.data.rank}. ${told(item.name)}（${told(item.data.city)}）<br>总分 <b>${item.data.text}</b> · ${starName(item.data.stars)}` },
    xAxis: { type: "category", data: rows.map((row) => row.name), axisLabel: { rotate: 90, interval: 0, fontSize: 9.5 }, axisTick: { show: false } },
    yAxis: { type: "value", name: "总分", nameGap: 6, scale: false, splitLine: GRID_LINE },
    series: [{
      type: "bar", barCategoryGap: "18%",
      data: rows.map((row) => ({ value: row.total, text: row.total_text, code: row.code, rank: row.rank, city: row.city, stars: row.stars, itemStyle: { color: STAR_COLOURS[row.stars || 0] } })),
    }],
  }, (item) => { location.hash = "#county/" + item.data.code; });
}

function drawCities() {
  const cities = [...new Set(leading.map((row) => row.city))];
  const count = (city, stars) => leading.filter((row) => row.city === city && (row.stars || 0) === stars).length;
  const high = (city) => count(city, 5) * 100 + count(city, 4);
  cities.sort((a, b) => high(a) - high(b));
  const present = [5, 4, 3, 2, 1, 0].filter((stars) => leading.some((row) => (row.stars || 0) === stars));
  chart("chart-cities", {
    grid: { left: 62, right: 14, top: 30, bottom: 22 },
    legend: { top: 0, itemWidth: 14, itemHeight: 10 },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
    xAxis: { type: "value", minInterval: 1, splitLine: GRID_LINE },
    yAxis: { type: "category", data: cities, axisTick: { show: false } },
    series: present.map((stars) => ({
      name: starName(stars), type: "bar", stack: "stars", itemStyle: { color: STAR_COLOURS[stars], borderColor: "#fff", borderWidth: 1 },
      data: cities.map((city) => count(city, stars) || null),
      label: { show: true, color: stars >= 4 ? "#fff" : "#1b2733", fontSize: 11 },
    })),
  });
}

function drawRanges() {
  const rows = leading.filter((row) => row.low !== null && row.rank !== null);
  byId("range-block").hidden = rows.length === 0;
  if (rows.length === 0) return;
  chart("chart-ranges", {
    grid: { left: 40, right: 14, top: 10, bottom: 34 },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (items) => { const row = rows[items[0].dataIndex]; return `${told(row.name)}<br>位次 ${row.rank}，区间 ${row.low}–${row.high}`; } },
    xAxis: { type: "value", name: "位次", nameLocation: "middle", nameGap: 22, min: 0, splitLine: GRID_LINE },
    yAxis: { type: "category", inverse: true, data: rows.map((row) => row.name), axisLabel: { show: false }, axisTick: { show: false } },
    series: [
      { type: "bar", stack: "range", silent: true, itemStyle: { color: "transparent" }, data: rows.map((row) => row.low) },
      { type: "bar", stack: "range", barCategoryGap: "15%", data: rows.map((row) => ({ value: row.high - row.low, itemStyle: { color: STAR_COLOURS[row.stars || 0] } })) },
      { type: "scatter", symbol: "diamond", symbolSize: 5, itemStyle: { color: "#c25a00" }, data: rows.map((row, place) => [row.rank, place]) },
    ],
  }, (item) => { location.hash = "#county/" + rows[item.dataIndex].code; });
}

function sortBy(body, column, descending) {
  const key = (row) => { const cell = row.cells[column]; return cell.dataset.v !== undefined ? (cell.dataset.v === "" ? null : Number(cell.dataset.v)) : cell.textContent.trim(); };
  const rows = [...body.rows].map((row, place) => ({ row, place, key: key(row) }));
  rows.sort((a, b) => {
    if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.place - b.place;
    const order = typeof a.key === "number" ? a.key - b.key : a.key.localeCompare(b.key, "zh-CN");
    return (descending ? -order : order) || a.place - b.place;
  });
  body.append(...rows.map((each) => each.row));
}

for (const each of tables) [...each.tHead.rows[0].cells].forEach((head, column) => {
  head.querySelector("button").addEventListener("click", () => {
    const descending = head.getAttribute("aria-sort") === "ascending";
    for (const other of each.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    sortBy(each.tBodies[0], column, descending);
  });
});

function filterRows() {
  const city = byId("city").value, text = byId("find").value.trim();
  const rows = tables.length ? [...tables[0].tBodies[0].rows] : [];
  let shown = 0;
  for (const row of rows) {
    const fits = (!city || row.dataset.city === city) && (!text || row.cells[1].textContent.includes(text) || row.dataset.code.includes(text));
    row.hidden = !fits;
    shown += fits;
  }
  byId("shown-count").textContent = `显示 ${shown} / ${rows.length}`;
}
byId("city").addEventListener("change", filterRows);
byId("find").addEventListener("input", filterRows);

function showRanking() {
  listings.forEach(drawTotals);
  if (leading.length) { drawCities(); drawRanges(); }
  filterRows();
}
