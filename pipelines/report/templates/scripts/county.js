/* The page of one county. */
const chosen = { county: "", rules: 0 };
const countySelect = byId("county-select"), scoreRules = byId("score-rules");
counties.forEach((code) => countySelect.append(element("option", { value: code, textContent: `${data.regions[code].name}（${data.regions[code].city}）` })));
const own = (code) => data.counties.of[code] || {};

function fill(id, empty, ...content) {
  byId(id).replaceChildren(...(content.length ? content : [element("p", { className: "empty", textContent: empty })]));
}

function standing(listing, row) {
  const facts = [[`${listing.scope}位次`, row.rank === null ? "—" : `${row.rank} / ${listing.rows.filter((each) => each.rank !== null).length}`], ["总分", row.total_text], ["星级", starsElement(row.stars)]];
  if (row.change !== null) facts.push(["较上季度", row.change > 0 ? `上升 ${row.change} 位` : row.change < 0 ? `下降 ${-row.change} 位` : "持平"]);
  if (listing.scope === "全省" && row.in_city !== null) facts.push(["市内位次", String(row.in_city)]);
  if (row.low !== null) facts.push(["位次区间", `${row.low}–${row.high}${row.band === null ? "" : `（难分档 ${row.band}）`}`], ["五星概率", row.five + "%"]);
  facts.push(["距上一星级", row.next === "—" ? "—" : row.next + " 分"], ["守星余量", row.lose === "—" ? "—" : row.lose + " 分"]);
  const list = element("dl", {}, ...facts.map(([name, text]) => element("div", {}, element("dt", { textContent: name }), element("dd", {}, text))));
  return element("div", { className: "standing" }, element("h3", { textContent: `${listing.scope}排名 · ${listing.title}` }), list);
}

function showStanding(code) {
  const region = data.regions[code], group = data.peers.of[code];
  byId("county-name").textContent = region.name;
  byId("county-summary").textContent = `${region.name} · ${region.city}` + (group ? ` · 同类组：${group}` : "");
  const held = listings.map((listing, number) => [listing, standingOf[number].get(code)]).filter(([, row]) => row);
  fill("county-standing", "本版没有排名。", ...held.map(([listing, row]) => standing(listing, row)));
}

function weakRow(code, weak) {
  const lags = element("ul", { className: "plain" }, ...weak.lags.map((text) => element("li", { textContent: text })));
  return tableRow([titleOf(weak.column), [valueText(cellOf(code, weak.column)), "n"], data.columns[weak.column].unit, lags, [weak.cost, "n"]]);
}

/* Those that the ruleset scores stand open, the others folded. */
function showWeak(code) {
  const heads = ["指标", "#本县", "单位", "差距", "#失分"], all = own(code).weak || [];
  const [scored, others] = [all.filter((weak) => weak.is_scored), all.filter((weak) => !weak.is_scored)];
  const parts = scored.length ? [scrolling("短板指标表", heads, scored.map((weak) => weakRow(code, weak)))] : [];
  if (others.length) parts.push(element("details", {}, element("summary", { textContent: `不计分的短板指标（${others.length} 项）` }), scrolling("不计分的短板指标表", heads, others.map((weak) => weakRow(code, weak)))));
  fill("weak", "没有短板指标。", ...parts);
}

function showMoved(code) {
  const blocks = listings.map((listing, number) => [listing, data.moved[number], standingOf[number].get(code)]).filter(([, moved, row]) => row && moved && moved.regions[code]);
  fill("moved", "上季度没有同一规则体系的得分，无法比较。", ...blocks.map(([listing, moved, row], number) => {
    const of = moved.regions[code], names = data.trees[listings.indexOf(listing)].names;
    const place = (rank, stars) => `${rank === null ? "—" : `第 ${rank} 位`}、${starName(stars)}`;
    const rules = moved.ruleset === listing.ruleset ? `规则未变（${listing.ruleset}）` : `规则由 ${moved.ruleset} 改为 ${listing.ruleset}，变动含规则变化`;
    const heading = element("p", {}, `${listing.scope}：${place(of.rank[0], of.stars[0])} → ${place(of.rank[1], of.stars[1])}；总分 ${of.total[0]} → ${of.total[1]}。${of.sentence}${rules}。`);
    const rows = of.nodes.map(([node, before, now, change, raw, byScore, byWeight]) => tableRow([names[node] || node, [before, "n"], [now, "n"], [change, "n " + (raw > 0 ? "up" : "down")], [byScore, "n"], [byWeight, "n"]]));
    const shown = element("div", { className: "chart", id: "chart-moved-" + number, role: "img", "aria-label": `${listing.scope}规则下各项得分变动，数值见下表` });
    return element("div", {}, heading, shown, scrolling(`${listing.scope}得分变动表`, ["规则节点", "#上季度", "#本季度", "#变动", "#其中得分率", "#其中权重"], rows));
  }));
  blocks.forEach(([listing, moved], number) => {
    const nodes = moved.regions[code].nodes.slice(0, 12), names = data.trees[listings.indexOf(listing)].names;
    bars("chart-moved-" + number, nodes.map(([node]) => names[node] || node), [{ name: "得分变动", values: nodes.map((each) => each[4]), texts: nodes.map((each) => each[3]) }]);
  });
}

function showValues(code) {
  const city = codeOfCity.get(data.regions[code].city), group = data.peers.of[code], middles = group ? data.peers.medians[group] : null;
  const rows = [];
  let feed = "";
  data.columns.forEach((column, number) => {
    if (column.feed !== feed) {
      feed = column.feed;
      rows.push(element("tr", { className: "group" }, element("th", { colSpan: 10, scope: "colgroup", textContent: feed })));
    }
    const cell = cellOf(code, number), name = element("span", { title: column.definition }, column.name, column.period_name ? element("span", { className: "period", textContent: `（${column.period_name}）` }) : "");
    const flags = cell && cell[2] ? cell[2] : "";
    rows.push(tableRow([name, column.unit, valueCell(cell), [(cell && cell[3]) || "—", "n"], [(cell && cell[4]) || "—", "n"], valueCell(cellOf(city, number)), valueCell(cellOf(province, number)), [middles ? middles[number] : "—", "n"], sparkline(trendTexts(code, number) || []), flags]));
    rows[rows.length - 1].dataset.column = String(number);
  });
  byId("county-table").tBodies[0].replaceChildren(...rows);
}

function showScores(code) {
  const number = chosen.rules, scored = data.trees[number];
  if (!scored || !scored.regions[code]) return;
  const mine = scored.regions[code], [, WEIGHT_TEXT, POINTS_TEXT, WEIGHT, POINTS] = [0, 1, 2, 3, 4];
  const means = [["各县平均", scored.means.all], ["所在市平均", scored.means.city[data.regions[code].city] || {}], ["同类平均", scored.means.peers[scored.peers[code]] || {}]];
  const inTree = scored.tree.filter(([node]) => mine[node]);
  const nodes = inTree.filter(([node, , isLeaf]) => isLeaf && mine[node][POINTS] !== null).map(([node]) => node);
  nodes.sort((a, b) => mine[b][WEIGHT] - mine[a][WEIGHT] || a.localeCompare(b));
  bars("chart-scores", nodes.map((node) => scored.names[node]), [
    { name: data.regions[code].name + "得分", values: nodes.map((node) => mine[node][POINTS]), texts: nodes.map((node) => mine[node][POINTS_TEXT]) },
    { name: "各县平均", values: nodes.map((node) => numberOf(scored.means.all[node])), texts: nodes.map((node) => scored.means.all[node]) },
  ]);
  byId("score-table").tBodies[0].replaceChildren(...inTree.map(([node, depth, isLeaf]) => {
    const name = element("span", { textContent: scored.names[node] });
    const row = tableRow([name, [mine[node][0], "n"], [mine[node][WEIGHT_TEXT], "n"], [mine[node][POINTS_TEXT], "n strong"], ...means.map(([, of]) => [of[node] || "—", "n"])], isLeaf ? "" : "branch");
    row.cells[0].style.paddingLeft = 8 + depth * 14 + "px";
    return row;
  }));
}

function showTargets(code) {
  const rows = (own(code).targets || []).map((each) => tableRow([each.name, each.year, each.unit, [each.target, "n"], [each.value, "n"], [each.completion, "n"], [each.run_rate, "n"], [each.needed, "n"], each.told ? element("span", { className: "tag " + each.state, textContent: each.told }) : ""]));
  fill("county-targets", "没有年度目标。", ...(rows.length ? [scrolling("本县目标表", ["指标", "年度", "单位", "#目标", "#完成", "#完成率", "#序时进度比", "#余下每季需完成", "进度"], rows)] : []));
}

function showFindings(code) {
  const rows = (own(code).findings || []).map((number) => {
    const [level, rule, subject, observed, expected, reason, waiver, severity] = data.findings[number];
    return tableRow([element("span", { className: "tag " + severity, textContent: level }), [rule, "code"], subject, observed, expected, reason, waiver || "—"]);
  });
  fill("county-findings", "没有未通过的校验，也没有豁免。", ...(rows.length ? [scrolling("本县校验发现表", ["级别", "规则", "对象", "实际", "应为", "说明", "豁免"], rows)] : []));
  const revised = (own(code).revisions || []).map(([what, period, old, now, cause]) => tableRow([what, period, [old, "n"], [now, "n"], data.counties.causes[cause]]));
  fill("county-revisions", "没有改动的数值。", ...(revised.length ? [scrolling("本县修订表", ["指标", "所属期", "#原值", "#新值", "原因"], revised)] : []));
}

function offerRules(code) {
  const held = listings.map((listing, number) => number).filter((number) => standingOf[number].has(code));
  if (!held.includes(chosen.rules)) chosen.rules = held.length ? held[0] : 0;
  scoreRules.replaceChildren(...held.map((number) => element("option", { value: String(number), textContent: listings[number].title })));
  scoreRules.value = String(chosen.rules);
}
scoreRules.addEventListener("change", () => { chosen.rules = Number(scoreRules.value); showScores(chosen.county); });

function showCounty(code) {
  chosen.county = code;
  countySelect.value = code;
  byId("compare-this").href = "#compare/" + [code, ...counties.filter((other) => other !== code).slice(0, 1)].join(",");
  offerRules(code);
  for (const show of [showStanding, showWeak, showMoved, showTrend, showValues, showScores, showTargets, showProgrammes, showFindings]) show(code);
}

const step = (by) => { const place = counties.indexOf(chosen.county) + by; if (counties[place]) location.hash = "#county/" + counties[place]; };
countySelect.addEventListener("change", () => { location.hash = "#county/" + countySelect.value; });
byId("county-previous").addEventListener("click", () => step(-1));
byId("county-next").addEventListener("click", () => step(1));
byId("county-print").addEventListener("click", () => window.print());
