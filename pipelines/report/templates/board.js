"use strict";
(function () {
  const data = JSON.parse(document.getElementById("board-data").textContent);
  const byId = (id) => document.getElementById(id);
  const STAR_COLOURS = { 5: "#0b3c6f", 4: "#2c6fad", 3: "#6fa3cf", 2: "#a9c9e4", 1: "#d3e1ee", 0: "#c9c9c9" };
  const FONT = { fontFamily: getComputedStyle(document.body).fontFamily, color: "#1b2733" };
  const charts = [];

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties || {});
    made.append(...children);
    return made;
  }

  function chart(id, options, onClick) {
    const host = byId(id);
    const made = charts.find((each) => each.getDom() === host) || echarts.init(host, null, { renderer: "svg" });
    if (!charts.includes(made)) charts.push(made);
    made.setOption(Object.assign({ animation: false, textStyle: FONT, aria: { enabled: true } }, options), true);
    made.off("click");
    if (onClick) made.on("click", onClick);
    return made;
  }

  const leading = data.listings.length ? data.listings[0].rows : [];
  const starName = (stars) => (stars ? stars + "星" : "无星级");

  /* ---- totals, stars by city, rank ranges ---- */
  function drawTotals(listing, number) {
    const rows = listing.rows.filter((row) => row.total !== null);
    chart(number ? "chart-totals-" + (number + 1) : "chart-totals", {
      grid: { left: 44, right: 12, top: 16, bottom: 66 },
      tooltip: { trigger: "item", formatter: (item) => `${item.data.rank}. ${item.name}（${item.data.city}）<br>总分 <b>${item.data.text}</b> · ${starName(item.data.stars)}` },
      xAxis: { type: "category", data: rows.map((row) => row.name), axisLabel: { rotate: 90, interval: 0, fontSize: 9.5 }, axisTick: { show: false } },
      yAxis: { type: "value", name: "总分", nameGap: 6, scale: false, splitLine: { lineStyle: { color: "#e6ebf0" } } },
      series: [{
        type: "bar", barCategoryGap: "18%",
        data: rows.map((row) => ({ value: row.total, text: row.total_text, code: row.code, rank: row.rank, city: row.city, stars: row.stars, itemStyle: { color: STAR_COLOURS[row.stars || 0] } })),
      }],
    }, (item) => chooseCounty(item.data.code, true));
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
      xAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: "#e6ebf0" } } },
      yAxis: { type: "category", data: cities, axisTick: { show: false } },
      series: present.map((stars) => ({
        name: starName(stars), type: "bar", stack: "stars", itemStyle: { color: STAR_COLOURS[stars], borderColor: "#fff", borderWidth: 1 },
        data: cities.map((city) => count(city, stars) || null),
        label: { show: true, color: stars >= 3 ? "#fff" : "#1b2733", fontSize: 11 },
      })),
    });
  }

  function drawRanges() {
    const rows = leading.filter((row) => row.low !== null && row.rank !== null);
    byId("range-block").hidden = rows.length === 0;
    if (rows.length === 0) return;
    chart("chart-ranges", {
      grid: { left: 40, right: 14, top: 10, bottom: 34 },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (items) => { const row = rows[items[0].dataIndex]; return `${row.name}<br>位次 ${row.rank}，区间 ${row.low}–${row.high}`; } },
      xAxis: { type: "value", name: "位次", nameLocation: "middle", nameGap: 22, min: 0, splitLine: { lineStyle: { color: "#e6ebf0" } } },
      yAxis: { type: "category", inverse: true, data: rows.map((row) => row.name), axisLabel: { show: false }, axisTick: { show: false } },
      series: [
        { type: "bar", stack: "range", silent: true, itemStyle: { color: "transparent" }, data: rows.map((row) => row.low) },
        { type: "bar", stack: "range", barCategoryGap: "15%", data: rows.map((row) => ({ value: row.high - row.low, itemStyle: { color: STAR_COLOURS[row.stars || 0] } })) },
        { type: "scatter", symbol: "diamond", symbolSize: 5, itemStyle: { color: "#c25a00" }, data: rows.map((row, place) => [row.rank, place]) },
      ],
    }, (item) => chooseCounty(rows[item.dataIndex].code, true));
  }

  /* ---- the ranking tables ---- */
  const tables = [...document.querySelectorAll("table.ranking")];

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

  for (const table of tables) [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortBy(table.tBodies[0], column, descending);
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

  /* ---- one county ---- */
  const select = byId("county-select");
  const counties = leading.length ? leading.map((row) => row.code)
    : Object.keys(data.regions).filter((code) => data.regions[code].level === "c").sort();
  const cityOf = {};
  for (const [code, region] of Object.entries(data.regions)) if (region.level === "m") cityOf[region.name] = code;
  const province = Object.keys(data.regions).find((code) => data.regions[code].level === "p");

  for (const code of counties) {
    const rank = leading.find((row) => row.code === code);
    select.append(element("option", { value: code, textContent: (rank && rank.rank !== null ? rank.rank + ". " : "") + (data.regions[code] ? data.regions[code].name : code) }));
  }

  function valueCell(cell) {
    if (!cell) return element("td", { className: "n", textContent: "—" });
    const made = element("td", { className: "n" + (cell[1] === "value" ? " strong" : "") });
    made.append(cell[1] === "value" ? cell[0] : element("em", { className: "state", textContent: cell[0] }));
    return made;
  }

  function drawCounty(code) {
    const region = data.regions[code];
    if (!region) return;
    const city = data.regions[cityOf[region.city]], whole = data.regions[province];
    const rows = [];
    let feed = "";
    data.columns.forEach((column, place) => {
      if (!region.cells[place]) return;
      if (column.feed !== feed) {
        feed = column.feed;
        rows.push(element("tr", { className: "group" }, element("th", { colSpan: 7, scope: "colgroup", textContent: feed })));
      }
      const name = element("th", { scope: "row", title: column.definition, textContent: column.name });
      if (column.period_name) name.append(" ", element("span", { className: "period", textContent: column.period_name }));
      const cell = region.cells[place];
      rows.push(element("tr", {}, name, element("td", { textContent: column.unit }), valueCell(cell),
        element("td", { className: "n", textContent: cell[3] || "—" }), valueCell(city && city.cells[place]), valueCell(whole && whole.cells[place]),
        element("td", { textContent: cell[2] })));
    });
    byId("county-table").tBodies[0].replaceChildren(...rows);
    const summary = byId("county-summary");
    summary.replaceChildren(element("b", { textContent: region.name }), ` · ${region.city}`);
    for (const listing of data.listings) {
      const rank = listing.rows.find((row) => row.code === code);
      if (rank) summary.append(` · ${listing.scope}第 ${rank.rank === null ? "—" : rank.rank} 位，总分 ${rank.total_text}，${"★".repeat(rank.stars || 0)}${"☆".repeat(5 - (rank.stars || 0))}，按 ${listing.title}`);
    }
    offerRules(code);
    drawScores(code, region.name);
    filterTargets();
    for (const table of tables) for (const row of table.tBodies[0].rows) row.classList.toggle("chosen", row.dataset.code === code);
  }

  /* The rulesets that score the county; the one looked at stays chosen if it is among them. */
  const rules = byId("score-rules");
  function offerRules(code) {
    const before = rules.value;
    const scoring = data.trees.map((tree, place) => [tree, String(place)]).filter(([tree]) => tree.regions[code]);
    rules.replaceChildren(...scoring.map(([tree, place]) => element("option", { value: place, textContent: tree.title })));
    if (scoring.some(([, place]) => place === before)) rules.value = before;
  }
  rules.addEventListener("change", () => drawScores(select.value, data.regions[select.value].name));

  function drawScores(code, name) {
    const scored = data.trees[Number(rules.value)] || { names: {}, regions: {}, means: {}, tree: [] };
    const own = scored.regions[code] || {};
    const [SCORE, WEIGHT_TEXT, POINTS_TEXT, WEIGHT, POINTS] = [0, 1, 2, 3, 4];
    const inTree = scored.tree.filter(([node]) => own[node]);
    const nodes = inTree.filter(([node, , isLeaf]) => isLeaf && own[node][POINTS] !== null).map(([node]) => node);
    nodes.sort((a, b) => own[b][WEIGHT] - own[a][WEIGHT] || a.localeCompare(b));
    const hint = (items) => `${items[0].name}<br>${name} <b>${own[nodes[items[0].dataIndex]][POINTS_TEXT]}</b><br>各县平均 ${scored.means[nodes[items[0].dataIndex]]}`;
    byId("chart-scores").style.height = Math.max(180, nodes.length * 30 + 60) + "px";
    chart("chart-scores", {
      grid: { left: 8, right: 40, top: 30, bottom: 8, containLabel: true },
      legend: { top: 0, itemWidth: 14, itemHeight: 10 },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: hint },
      xAxis: { type: "value", splitLine: { lineStyle: { color: "#e6ebf0" } } },
      yAxis: { type: "category", inverse: true, data: nodes.map((node) => scored.names[node]), axisTick: { show: false }, axisLabel: { width: 150, overflow: "break", fontSize: 11 } },
      series: [
        { name: name + "得分", type: "bar", itemStyle: { color: "#1f6fb2" }, data: nodes.map((node) => own[node][POINTS]), label: { show: true, position: "right", formatter: (item) => own[nodes[item.dataIndex]][POINTS_TEXT], fontSize: 11 } },
        { name: "各县平均", type: "bar", itemStyle: { color: "#c9b48a" }, data: nodes.map((node) => scored.means[node]) },
      ],
    }).resize();
    byId("score-table").tBodies[0].replaceChildren(...inTree.map(([node, depth, isLeaf]) => {
      const name = element("th", { scope: "row", textContent: scored.names[node] });
      name.style.paddingLeft = 8 + depth * 14 + "px";
      const cells = [SCORE, WEIGHT_TEXT, POINTS_TEXT].map((place) => element("td", { className: "n", textContent: own[node][place] }));
      return element("tr", { className: isLeaf ? "" : "branch" }, name, ...cells);
    }));
  }

  /* ---- targets: those of the chosen county, or all ---- */
  const everyTarget = byId("targets-all");
  function filterTargets() {
    if (!everyTarget) return;
    const rows = [...byId("targets-table").tBodies[0].rows];
    for (const row of rows) row.hidden = !everyTarget.checked && row.dataset.code !== select.value;
    byId("targets-count").textContent = `显示 ${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
  }
  if (everyTarget) everyTarget.addEventListener("change", filterTargets);

  function chooseCounty(code, scroll) {
    if (!counties.includes(code)) return;
    select.value = code;
    drawCounty(code);
    history.replaceState(null, "", "#county=" + code);
    if (scroll) byId("county").scrollIntoView();
  }
  const step = (by) => { const place = counties.indexOf(select.value) + by; if (counties[place]) chooseCounty(counties[place], false); };
  select.addEventListener("change", () => chooseCounty(select.value, false));
  byId("county-previous").addEventListener("click", () => step(-1));
  byId("county-next").addEventListener("click", () => step(1));
  for (const table of tables) table.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#county=']");
    if (link) { event.preventDefault(); chooseCounty(link.hash.slice(8), true); }
  });
  const fromAddress = () => (location.hash.startsWith("#county=") ? location.hash.slice(8) : "");
  window.addEventListener("hashchange", () => { if (fromAddress()) chooseCounty(fromAddress(), true); });
  window.addEventListener("resize", () => charts.forEach((each) => each.resize()));
  window.addEventListener("beforeprint", () => { document.querySelectorAll("details").forEach((each) => { each.open = true; }); charts.forEach((each) => each.resize({ width: each.getDom().id === "chart-totals" ? 980 : 640 })); });
  window.addEventListener("afterprint", () => charts.forEach((each) => each.resize({ width: "auto" })));

  data.listings.forEach(drawTotals);
  drawCities();
  drawRanges();
  filterRows();
  const first = counties.includes(fromAddress()) ? fromAddress() : counties[0];
  if (first) { select.value = first; drawCounty(first); if (fromAddress() === first) byId("county").scrollIntoView(); }
})();
