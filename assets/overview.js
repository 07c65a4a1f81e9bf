/* The draggable figure of the overview, drawn as SVG without the server and without plotly, which would be two thirds of
   the first view: one number, the softening scale, bends the energy curve (left) and tilts the force cloud (right). */
(function () {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const FONT = "Inter, system-ui, sans-serif";
  let example = null;
  let shownTheme = null;
  let scale = 1;
  let scheduled = false;
  let drawn = null;

  function element(parent, name, attributes, text) {
    const node = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    if (text !== undefined) node.textContent = text;
    parent.appendChild(node);
    return node;
  }

  /* Colours are written into the SVG itself, so that a downloaded file looks the same elsewhere. */
  function inks() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return { text: of("--ink"), soft: of("--ink-soft"), faint: of("--ink-faint"), grid: of("--line"), axis: of("--line-strong"), page: of("--page") };
  }

  function frame(host, ranges, margin, titles, ink) {
    const width = host.clientWidth;
    const height = host.clientHeight;
    host.replaceChildren();
    const svg = element(host, "svg", { width: width, height: height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT, "font-size": 12.5, fill: ink.soft });
    const box = { left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom };
    const x = (value) => box.left + ((value - ranges.x[0]) / (ranges.x[1] - ranges.x[0])) * (box.right - box.left);
    const y = (value) => box.bottom - ((value - ranges.y[0]) / (ranges.y[1] - ranges.y[0])) * (box.bottom - box.top);
    const middle = (box.top + box.bottom) / 2;
    const title = { "text-anchor": "middle", "font-size": 13.5, fill: ink.text };
    element(svg, "text", { ...title, x: (box.left + box.right) / 2, y: height - 6 }, titles.x);
    element(svg, "text", { ...title, x: 14, y: middle, transform: `rotate(-90 14 ${middle})` }, titles.y);
    return { svg: svg, x: x, y: y, box: box };
  }

  function axes(plot, ink) {
    const { left, right, top, bottom } = plot.box;
    element(plot.svg, "path", { d: `M${left},${top}V${bottom}H${right}`, fill: "none", stroke: ink.axis });
  }

  function arrow(plot, colour) {
    const line = element(plot.svg, "path", { stroke: colour, "stroke-width": 2.2, fill: "none" });
    const head = element(plot.svg, "path", { fill: colour });
    return (from, to, level) => {
      const tip = plot.x(to);
      const y = plot.y(level);
      line.setAttribute("d", `M${plot.x(from)},${y}H${tip + 9}`);
      head.setAttribute("d", `M${tip},${y}l11,-5v10z`);
    };
  }

  /* Each panel returns the function that moves it to another scale. */
  function drawEnergy(host, ink) {
    const sketch = example.sketch;
    const plot = frame(host, { x: [-0.5, 1.6], y: [-0.05, 1.22 * Math.max(...sketch.energy)] }, { left: 30, right: 6, top: 8, bottom: 30 },
      { x: "displacement of an atom", y: "potential energy" }, ink);
    axes(plot, ink);
    const line = (factor) => "M" + sketch.displacement.map((place, i) => `${plot.x(place).toFixed(1)},${plot.y(factor * sketch.energy[i]).toFixed(1)}`).join("L");
    const parts = [ink.text, example.colour].map((colour) => {
      const curve = element(plot.svg, "path", { fill: "none", stroke: colour, "stroke-width": 2.6, "stroke-linejoin": "round" });
      const force = arrow(plot, colour);
      const atom = element(plot.svg, "circle", { r: 6, cx: plot.x(sketch.atom), fill: colour, stroke: ink.page, "stroke-width": 1.5 });
      return (factor) => {
        curve.setAttribute("d", line(factor));
        force(sketch.atom, sketch.atom - factor * sketch.arrow, factor * sketch.atom_energy);
        atom.setAttribute("cy", plot.y(factor * sketch.atom_energy));
      };
    });
    parts[0](1);
    element(plot.svg, "text", { x: plot.x(sketch.atom - sketch.arrow / 2), y: plot.y(sketch.atom_energy) - 9, "text-anchor": "middle" }, "force");
    return parts[1];
  }

  function ticks(reach) {
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20].find((one) => reach / one <= 4) || 50;
    const last = Math.floor(reach / step);
    return Array.from({ length: 2 * last + 1 }, (_, i) => (i - last) * step);
  }

  function grid(plot, reach, ink) {
    const { left, right, top, bottom } = plot.box;
    ticks(reach).forEach((value) => {
      const label = String(+value.toFixed(2)).replace("-", "−");
      element(plot.svg, "path", { d: `M${plot.x(value)},${top}V${bottom}M${left},${plot.y(value)}H${right}`, stroke: ink.grid });
      element(plot.svg, "text", { x: plot.x(value), y: bottom + 16, "text-anchor": "middle", fill: ink.text }, label);
      element(plot.svg, "text", { x: left - 7, y: plot.y(value) + 4, "text-anchor": "end", fill: ink.text }, label);
    });
  }

  function side(plot, lines, x, y, anchor) {
    lines.forEach((text, i) => element(plot.svg, "text", { x: x, y: y + 16 * i, "text-anchor": anchor }, text));
  }

  function drawParity(host, ink) {
    const reach = 1.06 * Math.max(...example.reference.map(Math.abs));
    const plot = frame(host, { x: [-reach, reach], y: [-1.2 * reach, 1.2 * reach] }, { left: 50, right: 6, top: 8, bottom: 44 },
      { x: "DFT force (eV/Å)", y: `${example.label} force (eV/Å)` }, ink);
    grid(plot, reach, ink);
    axes(plot, ink);
    side(plot, ["stiffening", "(force overprediction)"], plot.box.left + 10, plot.box.top + 16, "start");
    side(plot, ["softening", "(force underprediction)"], plot.box.right - 8, plot.box.bottom - 24, "end");
    const across = (factor) => `M${plot.x(-reach)},${plot.y(-factor * reach)}L${plot.x(reach)},${plot.y(factor * reach)}`;
    element(plot.svg, "path", { d: across(1), stroke: ink.faint, "stroke-width": 1.5, "stroke-dasharray": "7 5" });
    const cloud = element(plot.svg, "g", { fill: example.colour, "fill-opacity": 0.55 });
    const points = example.reference.map((force, i) => {
      const point = element(cloud, "circle", { r: 3, cx: plot.x(force).toFixed(1) });
      element(point, "title", {}, `${example.elements[i]}: DFT ${force.toFixed(3)}, ${example.label} ${example.predicted[i].toFixed(3)} eV/Å`);
      return point;
    });
    const fit = element(plot.svg, "path", { stroke: example.colour, "stroke-width": 2.6 });
    return (factor) => {
      const tilt = factor / example.slope;
      points.forEach((point, i) => point.setAttribute("cy", plot.y(example.predicted[i] * tilt).toFixed(1)));
      fit.setAttribute("d", across(factor));
    };
  }

  const PANELS = { "overview-energy": drawEnergy, "overview-parity": drawParity };

  function draw() {
    const hosts = Object.keys(PANELS).map((id) => document.getElementById(id));
    if (hosts.some((host) => !host || !host.clientWidth)) {
      drawn = null;
      return;
    }
    const ink = inks();
    drawn = { hosts: hosts, moves: hosts.map((host) => PANELS[host.id](host, ink)) };
    hosts.forEach((host) => resizes.observe(host));
  }

  /* Dash may call before the page stands: try again for a while. */
  function schedule(redraw, attempts = 100) {
    if (redraw) drawn = null;
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      if (!drawn || !drawn.hosts[0].isConnected) draw();
      if (drawn) drawn.moves.forEach((move) => move(scale));
      else if (attempts > 0) setTimeout(() => schedule(false, attempts - 1), 50);
    });
  }

  const resizes = new ResizeObserver((entries) => {
    const isStale = (entry) => entry.target.isConnected && entry.target.firstChild && Math.abs(entry.target.firstChild.clientWidth - entry.contentRect.width) > 1;
    if (entries.some(isStale)) schedule(true);
  });

  /* ---- downloads ---- */
  function bothPanels() {
    const panels = Object.keys(PANELS).map((id) => document.getElementById(id).firstChild);
    const width = panels.reduce((sum, panel) => sum + panel.clientWidth + 24, -24);
    const head = 30;
    const height = head + Math.max(...panels.map((panel) => panel.clientHeight));
    const sheet = document.createElementNS(SVG, "svg");
    sheet.setAttribute("xmlns", SVG);
    sheet.setAttribute("width", width);
    sheet.setAttribute("height", height);
    const ink = inks();
    element(sheet, "rect", { width: width, height: height, fill: ink.page });
    const key = element(sheet, "text", { x: 30, y: 19, "font-family": FONT, "font-size": 13, fill: ink.text });
    element(key, "tspan", {}, "● DFT    ");
    element(key, "tspan", { fill: example.colour }, "● ");
    element(key, "tspan", {}, `${example.label}, ${example.formula}, softening scale ${scale} (real: ${example.start})`);
    key.setAttribute("style", "white-space: pre");
    let left = 0;
    panels.forEach((panel) => {
      const copy = panel.cloneNode(true);
      copy.setAttribute("x", left);
      copy.setAttribute("y", head);
      sheet.appendChild(copy);
      left += panel.clientWidth + 24;
    });
    return { text: new XMLSerializer().serializeToString(sheet), width: width, height: height };
  }

  function table() {
    const rows = example.reference.map((force, i) => ({
      element: example.elements[i], dft_force: force, predicted_force: example.predicted[i], shown_force: +(example.predicted[i] * scale / example.slope).toFixed(4),
    }));
    return { source: location.href, potential: example.label, unit: "eV/Å", real_slope: example.slope, shown_scale: scale, components: rows };
  }

  function asCsv(content) {
    const head = `# softdash, ${content.source}\n# ${content.potential}, forces in eV/Å, real slope ${content.real_slope}, shown scale ${content.shown_scale}\n`;
    const rows = content.components.map((row) => Object.values(row).join(","));
    return head + Object.keys(content.components[0]).join(",") + "\n" + rows.join("\n") + "\n";
  }

  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function savePng(name, sheet) {
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = 3 * sheet.width;
      canvas.height = 3 * sheet.height;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(name, blob), "image/png");
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(sheet.text);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-overview-download]");
    if (!button || !drawn) return;
    const kind = button.dataset.overviewDownload;
    const name = `softdash-softening-${example.formula}.${kind}`;
    if (kind === "png") savePng(name, bothPanels());
    else if (kind === "svg") save(name, new Blob([bothPanels().text], { type: "image/svg+xml" }));
    else if (kind === "csv") save(name, new Blob([asCsv(table())], { type: "text/csv" }));
    else save(name, new Blob([JSON.stringify(table(), null, 1)], { type: "application/json" }));
  });

  function forcesText(value) {
    const percent = Math.abs(1 - value) * 100;
    if (percent < 0.05) return "exact on average";
    return percent.toFixed(percent < 9.95 ? 1 : 0) + " % too " + (value < 1 ? "small" : "large");
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.overview = {
    bend: function (value, theme, content) {
      const isNew = example !== content || shownTheme !== theme;
      example = content;
      shownTheme = theme;
      scale = value;
      schedule(isNew);
      const isReal = Math.abs(value - content.start) < 0.0005;
      return [value.toFixed(isReal ? 3 : 2), forcesText(value), "× " + (1 / value).toFixed(2), "× " + Math.sqrt(value).toFixed(2), isReal];
    },
    reset: function (clicks, content) {
      return clicks ? content.start : window.dash_clientside.no_update;
    },
  };
})();
