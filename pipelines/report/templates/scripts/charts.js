/* Charts are drawn when their view is shown, never before; each stands beside a table that says the same. */
const STAR_COLOURS = { 5: "#0b3c6f", 4: "#2c6fad", 3: "#6fa3cf", 2: "#a9c9e4", 1: "#d3e1ee", 0: "#c9c9c9" };
const SERIES_COLOURS = ["#1f6fb2", "#c25a00", "#4d4d4d", "#8a6bbf"];
const SYMBOLS = ["circle", "rect", "triangle", "diamond"];
const GRID_LINE = { lineStyle: { color: "#e6ebf0" } };
const charts = new Map();
/* Tooltips are written as HTML: every text of the data goes in as text. */
const told = (text) => echarts.format.encodeHTML(String(text));

function chart(id, options, onClick) {
  const host = byId(id);
  for (const [other, made] of charts) if (!other.isConnected) { made.dispose(); charts.delete(other); }
  if (!charts.has(host)) charts.set(host, echarts.init(host, null, { renderer: "svg" }));
  const made = charts.get(host);
  const font = { fontFamily: getComputedStyle(document.body).fontFamily, color: "#1b2733" };
  made.setOption(Object.assign({ animation: false, textStyle: font, color: SERIES_COLOURS, aria: { enabled: false } }, options), true);
  made.off("click");
  if (onClick) made.on("click", onClick);
  made.resize();
}

function resizeCharts(width) {
  for (const [host, made] of charts) if (host.offsetParent !== null) made.resize(width ? { width } : { width: "auto" });
}

function lines(id, axis, series) {
  chart(id, {
    grid: { left: 8, right: 18, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0 },
    tooltip: { trigger: "axis", formatter: (items) => [told(items[0].name.replace("\n", "")), ...items.map((item) => `${told(item.seriesName)} <b>${told(item.data.text)}</b>`)].join("<br>") },
    xAxis: { type: "category", data: axis, axisTick: { show: false } },
    yAxis: Object.assign({ type: "value", scale: true, splitLine: GRID_LINE }, series.some((each) => each.isPlace) ? { inverse: true, minInterval: 1, min: (of) => Math.max(1, of.min - 1), max: (of) => of.max + 1 } : {}),
    series: series.map((each, place) => ({
      name: each.name, type: "line", symbol: SYMBOLS[place % 4], symbolSize: 7, connectNulls: false, lineStyle: { width: place ? 1.5 : 2.5, type: place ? "dashed" : "solid" },
      data: each.texts.map((text) => ({ value: numberOf(text) === null ? "-" : numberOf(text), text: text || "—" })),
    })),
  });
}

/* A line of a few values for a table cell; its text is the list of values. */
function sparkline(texts) {
  const known = texts.map(numberOf), present = known.filter((number) => number !== null);
  if (present.length < 2) return "";
  const low = Math.min(...present), high = Math.max(...present), width = 84, height = 20;
  const x = (place) => 3 + (place * (width - 6)) / Math.max(1, texts.length - 1);
  const y = (number) => height - 4 - ((number - low) * (height - 8)) / (high - low || 1);
  const path = known.map((number, place) => (number === null ? "" : `${known[place - 1] === null || place === 0 ? "M" : "L"}${x(place).toFixed(1)} ${y(number).toFixed(1)}`)).join("");
  const last = known.length - 1 - [...known].reverse().findIndex((number) => number !== null);
  return drawn("svg", { class: "spark", width, height, role: "img", "aria-label": texts.map((text) => text || "无").join("、") },
    drawn("path", { d: path, fill: "none", stroke: "#1f6fb2", "stroke-width": 1.5 }), drawn("circle", { cx: x(last), cy: y(known[last]), r: 2.5, fill: "#c25a00" }));
}

function bars(id, names, series, onClick) {
  byId(id).style.height = Math.max(150, names.length * (12 + 9 * series.length) + 60) + "px";
  chart(id, {
    grid: { left: 8, right: 48, top: series.length > 1 ? 32 : 8, bottom: 8, containLabel: true },
    legend: series.length > 1 ? { top: 0, itemWidth: 14, itemHeight: 10 } : { show: false },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (items) => [told(items[0].name), ...items.map((item) => `${told(item.seriesName)} <b>${told(item.data.text)}</b>`)].join("<br>") },
    xAxis: { type: "value", splitLine: GRID_LINE },
    yAxis: { type: "category", inverse: true, data: names, axisTick: { show: false }, axisLabel: { width: 170, overflow: "break", fontSize: 11 } },
    series: series.map((each, place) => ({
      name: each.name, type: "bar", itemStyle: { color: SERIES_COLOURS[place % 4], decal: place === 1 ? { symbol: "line", dashArrayX: [1, 0], dashArrayY: [2, 3], color: "rgba(255,255,255,.6)" } : null },
      label: { show: place === 0, position: "right", fontSize: 11, formatter: (item) => item.data.text },
      data: each.values.map((value, at) => ({ value, text: each.texts[at] })),
    })),
  }, onClick);
}
