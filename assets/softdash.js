/* Small browser side of softdash: colour scheme, view state in the address, downloads of what a figure shows. */
(function () {
  "use strict";

  const root = document.documentElement;

  /* Read once, now: Mantine writes its own default into the attribute when it mounts. */
  let theme = root.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light";

  /* ---- view state: every control of a page with an id {type: "view", key} goes into the query string ---- */
  function queryOf(ids, values, defaults) {
    const query = new URLSearchParams();
    ids.forEach((id, index) => {
      const value = values[index];
      const standard = defaults[id.key];
      if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return;
      const text = Array.isArray(value) ? value.join(",") : String(value);
      const standardText = Array.isArray(standard) ? standard.join(",") : String(standard);
      if (text !== standardText) query.set(id.key, text);
    });
    return query.toString();
  }

  /* A dragged slider changes the view at each frame; browsers limit how often the address may change. */
  let writing = null;
  function writeSoon(address) {
    const path = location.pathname;
    clearTimeout(writing);
    writing = setTimeout(() => {
      if (location.pathname !== path || address === path + location.search + location.hash) return;
      history.replaceState(history.state, "", address);
    }, 150);
  }

  /* ---- downloads ---- */
  function save(name, text, kind) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: kind }));
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function graphOf(id) {
    const host = document.getElementById(id);
    return host && (host.classList.contains("js-plotly-plot") ? host : host.querySelector(".js-plotly-plot"));
  }

  function cell(value) {
    if (value === null || value === undefined) return "";
    const text = String(value);
    return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function plain(values) {
    if (!values) return [];
    /* 32-bit floats carry six digits; without this 0.123 would be written as 0.12300000339746475. */
    if (values instanceof Float32Array) return Array.from(values, (v) => Number(v.toPrecision(6)));
    return Array.from(values, (v) => (ArrayBuffer.isView(v) ? Array.from(v) : v));
  }

  function tracesOf(graph) {
    return graph._fullData.filter((t) => t.visible === true && !(t.meta && t.meta.decoration)).map((t) => {
      const trace = { name: t.name, type: t.type };
      ["x", "y", "z", "text"].forEach((key) => { if (t[key] && typeof t[key] !== "string") trace[key] = plain(t[key]); });
      if (t.meta && t.meta.columns) Object.assign(trace, { columns: t.meta.columns, table: t.meta.table, values: plain(t.customdata) });
      return trace;
    });
  }

  function axisTitle(graph, axis) {
    const title = graph._fullLayout[axis] && graph._fullLayout[axis].title;
    return (title && title.text ? title.text : axis.charAt(0)).replace(/<[^>]+>/g, "");
  }

  /* A trace may name further columns, meta.columns, whose values are its customdata; with meta.table they stand alone. */
  function figureCsv(graph) {
    const traces = tracesOf(graph);
    const meta = (traces.find((trace) => trace.columns) || {});
    const places = meta.table ? [] : [axisTitle(graph, "xaxis"), axisTitle(graph, "yaxis")];
    const lines = ["# softdash figure data, " + location.href, ["series", ...places, ...(meta.columns || [])].map(cell).join(",")];
    traces.forEach((trace) => {
      const length = Math.max((trace.x || []).length, (trace.y || []).length);
      for (let i = 0; i < length; i += 1) {
        const place = meta.table ? [] : [trace.x ? trace.x[i] : "", trace.y ? trace.y[i] : ""];
        const further = meta.columns ? meta.columns.map((_, k) => (trace.values && trace.values[i] ? trace.values[i][k] : "")) : [];
        lines.push([trace.name, ...place, ...further].map(cell).join(","));
      }
    });
    return lines.join("\n") + "\n";
  }

  function download(graphId, format, name) {
    const graph = graphOf(graphId);
    if (!graph) return;
    const file = name || graphId;
    if (format === "csv") save(file + ".csv", figureCsv(graph), "text/csv");
    else if (format === "json") save(file + ".json", JSON.stringify({ source: location.href, data: tracesOf(graph) }, null, 1), "application/json");
    else {
      const box = graph.getBoundingClientRect();
      const light = { paper_bgcolor: getComputedStyle(document.body).backgroundColor };
      window.Plotly.downloadImage(Object.assign({}, { data: graph.data, layout: Object.assign({}, graph.layout, light) }),
        { format: format, filename: file, width: Math.max(640, box.width), height: Math.max(360, box.height), scale: format === "png" ? 3 : 1 });
    }
  }

  /* Text of a table's cell: its pieces with single spaces between them; a dash alone stands for nothing. */
  function cellText(node) {
    const pieces = [];
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) pieces.push(walker.currentNode.data);
    const text = pieces.join(" ").replace(/\s+/g, " ").trim();
    if (text === "–") return "";
    const number = text.replace(/−/g, "-").replace(/(\d),(?=\d{3})/g, "$1");
    return node.classList.contains("number") && /^[+-]?[\d.]+(e[+-]?\d+)?$/.test(number) ? String(Number(number)) : text;
  }

  /* Columns and rows of an HTML table. data-value of a cell is its number with all digits, data-low and data-high the
     ends of its interval; a row of one wide cell names the group of the rows below it; data-drawn marks columns of drawings. */
  function tableOf(table) {
    const rowsOf = (part) => Array.from(part.rows, (row) => Array.from(row.cells));
    const headings = rowsOf(table.tHead)[0];
    const rows = [];
    let group = null;
    Array.from(table.tBodies).flatMap(rowsOf).forEach((cells) => {
      if (cells.length === 1 && headings.length > 1) group = cellText(cells[0]);
      else rows.push({ group: group, cells: cells });
    });
    const columns = group === null ? [] : [{ name: "Group", of: (row) => row.group }];
    headings.forEach((heading, k) => {
      if (heading.hasAttribute("data-drawn")) return;
      const name = cellText(heading);
      columns.push({ name: name, of: (row) => ("value" in row.cells[k].dataset ? row.cells[k].dataset.value : cellText(row.cells[k])) });
      ["low", "high"].forEach((end) => {
        if (rows.some((row) => end in row.cells[k].dataset)) columns.push({ name: name + ", 95 % interval " + end, of: (row) => row.cells[k].dataset[end] });
      });
    });
    return { columns: columns, rows: rows };
  }

  function tableCsv(table) {
    const content = tableOf(table);
    const lines = content.rows.map((row) => content.columns.map((column) => cell(column.of(row))).join(","));
    return ["# softdash table, " + location.href, content.columns.map((column) => cell(column.name)).join(","), ...lines].join("\n") + "\n";
  }

  function tableJson(table) {
    const content = tableOf(table);
    const typed = (text) => (text === undefined || text === "" ? null : /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) : text);
    const rows = content.rows.map((row) => Object.fromEntries(content.columns.map((column) => [column.name, typed(column.of(row))])));
    return JSON.stringify({ source: location.href, rows: rows }, null, 1);
  }

  function downloadTable(id, format, name) {
    const table = document.getElementById(id);
    if (!table) return;
    if (format === "csv") save(name + ".csv", "\ufeff" + tableCsv(table), "text/csv");
    else save(name + ".json", tableJson(table), "application/json");
  }

  /* Browsers offer their clipboard on https and localhost only; a group's server is often neither. */
  function copyText(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    field.style.position = "fixed";
    document.body.appendChild(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied ? Promise.resolve() : Promise.reject(new Error("The browser did not copy the text."));
  }

  document.addEventListener("click", (event) => {
    const ofTable = event.target.closest("[data-table-download]");
    if (ofTable) {
      downloadTable(ofTable.dataset.table, ofTable.dataset.tableDownload, ofTable.dataset.name);
      return;
    }
    const target = event.target.closest("[data-download]");
    if (target) {
      event.preventDefault();
      download(target.dataset.graph, target.dataset.download, target.dataset.name);
      return;
    }
    const copy = event.target.closest("[data-copy], [data-copy-from]");
    if (copy) {
      const source = copy.dataset.copyFrom && document.getElementById(copy.dataset.copyFrom);
      const text = source ? source.textContent : copy.dataset.copy === "address" ? location.href : copy.dataset.copy;
      copyText(text).then(() => {
        const before = copy.textContent;
        copy.textContent = "Copied";
        setTimeout(() => { copy.textContent = before; }, 1600);
      });
    }
  });

  /* Plotly draws into SVG without a name: give each graph the role and the name of its figure's title. */
  function nameGraphs() {
    document.querySelectorAll("figure.figure-card .js-plotly-plot").forEach((graph) => {
      const title = graph.closest("figure").querySelector("h2, h3");
      if (title && graph.getAttribute("aria-label") !== title.textContent) {
        graph.setAttribute("role", "group");
        graph.setAttribute("aria-label", "Chart: " + title.textContent);
      }
    });
  }
  /* Dash draws a page after the browser has looked for the #part of its address: look again until it is there. */
  let wantedPart = location.hash.slice(1);
  function goToPart() {
    const part = wantedPart && document.getElementById(decodeURIComponent(wantedPart));
    if (!part) return;
    wantedPart = "";
    part.scrollIntoView();
  }
  let scheduled = false;
  new MutationObserver(() => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => { scheduled = false; nameGraphs(); goToPart(); }, 250);
  }).observe(document.body, { childList: true, subtree: true });

  /* Functions that columns of grids name. */
  const gridFunctions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  gridFunctions.subscripts = (formula) => (formula || "").replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.softdash = {
    theme: function (clicks) {
      if (clicks) {
        theme = theme === "dark" ? "light" : "dark";
        localStorage.setItem("softdash-theme", theme);
      }
      root.setAttribute("data-mantine-color-scheme", theme);
      return [theme, theme];
    },
    navigation: function (path) {
      wantedPart = location.hash.slice(1);
      document.querySelectorAll(".site-nav a").forEach((link) => {
        const href = link.getAttribute("href");
        const here = href === path || (href === "/diagnose" && path && path.startsWith("/report/"));
        if (here) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      });
      document.querySelectorAll(".nav-menu").forEach((menu) => {
        menu.removeAttribute("open");
        menu.toggleAttribute("data-here", menu.querySelector("[aria-current]") !== null);
      });
      return window.dash_clientside.no_update;
    },
    /* Figures of several panels put fewer of them in a row on a phone; the server cannot see its width. */
    isNarrow: function () {
      return window.matchMedia("(max-width: 720px)").matches;
    },
    view: function (values, ids, defaults) {
      const query = queryOf(ids || [], values || [], (defaults && defaults[0]) || {});
      const address = location.pathname + (query ? "?" + query : "") + location.hash;
      writeSoon(address);
      return window.dash_clientside.no_update;
    },
  };
})();
