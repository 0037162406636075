/* One view at a time, named by the address: #ranking, #map, #county/330108, #compare/330108,330106, #targets, #findings, #revisions, #methods. */
const views = [...document.querySelectorAll("main > .view")];
const links = [...document.querySelectorAll("nav a")];
const isCounty = (code) => counties.includes(code);

function route() {
  const [name, rest] = location.hash.replace(/^#/, "").split(/[/=]/);
  const codes = [...new Set((rest || "").split(",").filter(isCounty))];
  if (name === "county") return { name, codes: codes.length ? codes.slice(0, 1) : counties.slice(0, 1) };
  if (name === "compare") return { name, codes: (codes.length > 1 ? codes : [...new Set([...codes, ...counties])].slice(0, 2)).slice(0, 4) };
  return { name: views.some((view) => view.dataset.view === name) ? name : "ranking", codes: [] };
}

const showing = { ranking: showRanking, map: showMap, county: (codes) => showCounty(codes[0]), compare: showComparison };

function go(isFirst) {
  const { name, codes } = route();
  if ((name === "county" || name === "compare") && !codes.length) return;
  for (const view of views) view.hidden = view.dataset.view !== name;
  byId("cards").hidden = name !== "ranking";
  for (const link of links) {
    if (link.hash.replace("#", "").split("/")[0] === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (showing[name]) showing[name](codes);
  if (isFirst) return;
  const heading = views.find((view) => view.dataset.view === name).querySelector("h2");
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/* ---- targets: by city and progress ---- */
const targetRows = byId("targets-table") ? [...byId("targets-table").tBodies[0].rows] : [];
function filterTargets() {
  const code = byId("targets-county").value, behind = byId("targets-behind").checked;
  for (const row of targetRows) row.hidden = (code !== "" && row.dataset.code !== code) || (behind && !["early", "behind", "missed"].includes(row.dataset.state));
  byId("targets-count").textContent = `显示 ${targetRows.filter((row) => !row.hidden).length} / ${targetRows.length}`;
}
if (targetRows.length) {
  counties.forEach((code) => byId("targets-county").append(element("option", { value: code, textContent: data.regions[code].name })));
  byId("targets-county").addEventListener("change", filterTargets);
  byId("targets-behind").addEventListener("change", filterTargets);
  filterTargets();
}

/* On paper everything that is folded is open, and charts fit the sheet. */
const opened = [];
window.addEventListener("beforeprint", () => {
  document.querySelectorAll("details:not([open])").forEach((each) => { each.open = true; opened.push(each); });
  resizeCharts(680);
});
window.addEventListener("afterprint", () => { opened.splice(0).forEach((each) => { each.open = false; }); resizeCharts(); });
window.addEventListener("resize", () => resizeCharts());
window.addEventListener("hashchange", () => go(false));
go(true);
