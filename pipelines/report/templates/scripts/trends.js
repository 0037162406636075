/* Trends of the chosen county: one measure at a time as lines and as a table. */
const trendSelect = byId("trend-measure");
const standings = [["ranks", "位次"], ["totals", "总分"], ["stars", "星级"]].filter(() => leading.length);
standings.forEach(([key, name]) => trendSelect.append(element("option", { value: key, textContent: name })));
data.columns.forEach((column, number) => trendSelect.append(element("option", { value: String(number), textContent: titleOf(number) + (column.unit ? `（${column.unit}）` : "") })));

const trendTexts = (code, column) => (data.trends.values[code] && data.trends.values[code][column]) || null;

function seriesOf(code, key) {
  if (data.trends[key]) return [{ name: data.regions[code].name, texts: data.trends[key][code] || [], isPlace: key === "ranks" }];
  const column = Number(key), city = codeOfCity.get(data.regions[code].city);
  const unlike = !data.columns[column].is_comparable;
  return [code, ...(unlike ? [] : [city, province])].filter((each) => trendTexts(each, column)).map((each) => ({ name: data.regions[each].name, texts: trendTexts(each, column), isPlace: false }));
}

function showTrend(code) {
  const key = trendSelect.value, axis = data.trends.axes[data.trends[key] ? 0 : data.trends.on_axis[Number(key)]];
  const series = seriesOf(code, key).filter((each) => each.texts.length);
  byId("trend-table").tHead.rows[0].replaceChildren(element("th", { scope: "col", textContent: "地区" }), ...axis.map((name) => element("th", { scope: "col", className: "n", textContent: name.replace("\n", "") })));
  byId("trend-table").tBodies[0].replaceChildren(...series.map((each) => tableRow([each.name, ...each.texts.map((text) => [text || "—", "n"])])));
  byId("trend-empty").hidden = series.length > 0;
  byId("chart-trend").hidden = series.length === 0;
  if (series.length) lines("chart-trend", axis, series);
}
trendSelect.addEventListener("change", () => showTrend(chosen.county));
