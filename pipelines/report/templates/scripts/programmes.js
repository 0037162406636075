/* The ledger's programmes of the chosen county: funnel, figures with target and progress, what was reported in advance. */
function funnel(code, columns, rate) {
  const cells = columns.map((column) => cellOf(code, column)).filter((cell) => cell && !hasState(cell));
  if (!cells.length) return "";
  const steps = columns.filter((column) => cellOf(code, column) && !hasState(cellOf(code, column)));
  const first = Math.max(...steps.map((column) => numberOf(cellOf(code, column)[0])), 1);
  const items = steps.map((column) => {
    const text = cellOf(code, column)[0], bar = element("span", { className: "funnel-bar", "aria-hidden": "true" });
    bar.style.width = Math.max(2, (100 * numberOf(text)) / first) + "%";
    return element("li", {}, element("span", { className: "funnel-name", textContent: titleOf(column) }), element("span", { className: "funnel-track" }, bar), element("b", { textContent: `${text} ${data.columns[column].unit}` }));
  });
  const rates = rate.map((column) => cellOf(code, column)).filter((cell) => cell && !hasState(cell)).map((cell) => `评审通过率（台账口径）${cell[0]}%`);
  return element("div", {}, element("ol", { className: "funnel" }, ...items), rates.length ? element("p", { textContent: rates.join("；") }) : "");
}

function programmeRows(code, columns) {
  return columns.filter((column) => cellOf(code, column)).map((column) => {
    const target = (own(code).targets || []).find((each) => each.indicator === data.columns[column].code && each.value !== "—");
    return tableRow([titleOf(column), valueCell(cellOf(code, column)), data.columns[column].unit, [target ? target.target : "—", "n"], [target ? target.completion : "—", "n"], [(cellOf(code, column)[3]) || "—", "n"], sparkline(trendTexts(code, column) || [])]);
  });
}

function programme(code, group) {
  const rows = programmeRows(code, group.rows), parts = [];
  if (group.funnel.length || group.rate.length) parts.push(funnel(code, group.funnel, group.rate));
  if (rows.length) parts.push(scrolling(group.name + "表", ["项目", "#数值", "单位", "#目标", "#完成率", "#县域位次", "走势"], rows));
  const reported = group.has_pre_report ? own(code).pre_reports || [] : [];
  if (reported.length) parts.push(element("p", { textContent: "研发经费预报与统计数（亿元）：预报在先，统计部门随后公布。" }), scrolling("研发经费预报与统计数比较表", ["参考年", "#预报数", "#统计数", "#预报高于统计（%）"], reported.map(([year, ...texts]) => tableRow([year, ...texts.map((text) => [text, "n"])]))));
  if (!parts.some((part) => part !== "")) return null;
  const note = group.is_claimed ? [element("p", { className: "hint", textContent: "以下为申报单位填报的排名，未经本系统核算。" })] : [];
  return element("div", { className: "programme" }, element("h4", { textContent: group.name }), ...note, ...parts);
}

function showProgrammes(code) {
  fill("programmes", "台账没有本县的项目。", ...data.programmes.map((group) => programme(code, group)).filter(Boolean));
}
