/* Turns the pictures of structures: drag, arrow keys, and buttons that look along an axis of the cell. */
(function () {
  "use strict";

  const RADIANS_PER_PIXEL = 0.009;
  const STEP = Math.PI / 24;
  const turned = new Map(); // the view of each graph, kept while its frames change

  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const scaled = (a, factor) => a.map((value) => value * factor);
  const unit = (a) => scaled(a, 1 / (Math.hypot(...a) || 1));
  const sum = (a, b) => a.map((value, k) => value + b[k]);

  const nameOf = (graph) => (graph.closest(".dash-graph") || graph).id;
  const sceneOf = (graph) => graph.layout && graph.layout.meta && graph.layout.meta.structure;
  const viewOf = (graph) => turned.get(nameOf(graph)) || sceneOf(graph).view;

  /* Turn about the screen's up and right. */
  function rotate(view, across, down) {
    let [right, up, eye] = view;
    right = unit(sum(scaled(right, Math.cos(across)), scaled(eye, -Math.sin(across))));
    eye = unit(cross(right, up));
    up = unit(sum(scaled(up, Math.cos(down)), scaled(eye, -Math.sin(down))));
    eye = unit(cross(right, up));
    return [right, up, eye];
  }

  /* Look along a lattice vector, with another one upwards. */
  function along(cell, axis) {
    const eye = unit(cell[axis]);
    const upwards = cell[axis === 2 ? 1 : 2];
    const up = unit(sum(upwards, scaled(eye, -dot(upwards, eye))));
    return [unit(cross(up, eye)), up, eye];
  }

  function pixelsPerAngstrom(graph) {
    const axis = graph._fullLayout.yaxis;
    return axis._length / Math.abs(axis.range[1] - axis.range[0]);
  }

  /* Far atoms first: what is near covers what is behind it. */
  function sortAtoms(trace, view, scale) {
    const meta = trace.meta;
    if (!meta.given) {
      meta.given = { color: trace.marker.color, text: trace.text, ink: trace.textfont && trace.textfont.color, hovertext: trace.hovertext, customdata: trace.customdata };
    }
    const order = meta.xyz.map((place, k) => [dot(place, view[2]), k]).sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
    const pick = (values) => (Array.isArray(values) ? order.map((k) => values[k]) : values);
    trace.x = order.map((k) => dot(meta.xyz[k], view[0]));
    trace.y = order.map((k) => dot(meta.xyz[k], view[1]));
    trace.marker.size = order.map((k) => Math.max(4, 2 * meta.radii[k] * scale));
    trace.marker.color = pick(meta.given.color);
    trace.text = pick(meta.given.text);
    if (trace.textfont) trace.textfont.color = pick(meta.given.ink);
    trace.hovertext = pick(meta.given.hovertext);
    trace.customdata = pick(meta.given.customdata);
  }

  function draw(graph) {
    const view = viewOf(graph);
    const scale = pixelsPerAngstrom(graph);
    graph.data.forEach((trace) => {
      const meta = trace.meta;
      if (!meta || !meta.xyz) return;
      if (meta.atoms) { sortAtoms(trace, view, scale); return; }
      trace.x = meta.xyz.map((place) => (place ? dot(place, view[0]) : null));
      trace.y = meta.xyz.map((place) => (place ? dot(place, view[1]) : null));
      if (meta.ring) trace.marker.size = [2 * meta.radii[0] * scale + 9];
    });
    graph.dataset.drawnScale = scale;
    return window.Plotly.redraw(graph);
  }

  const waiting = new Set();
  function drawSoon(graph) {
    if (waiting.has(graph)) return;
    waiting.add(graph);
    requestAnimationFrame(() => { waiting.delete(graph); if (document.contains(graph) && sceneOf(graph)) draw(graph); });
  }

  function turn(graph, view) {
    turned.set(nameOf(graph), view);
    drawSoon(graph);
  }

  /* A new frame comes in the first view, and a zoom leaves the atoms at their old size: draw again where needed. */
  function check(graph) {
    const structure = sceneOf(graph);
    if (!structure) return;
    const scale = pixelsPerAngstrom(graph);
    const isNew = graph.dataset.drawnFigure !== String(graph.data.length) || graph.drawnLayout !== structure;
    graph.dataset.drawnFigure = String(graph.data.length);
    graph.drawnLayout = structure;
    if (isNew || Math.abs(scale / Number(graph.dataset.drawnScale) - 1) > 0.02) drawSoon(graph);
  }

  function attach(graph) {
    if (graph.dataset.turns) return;
    graph.dataset.turns = "yes";
    graph.on("plotly_afterplot", () => check(graph));
    let last = null;
    graph.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target.closest(".modebar, .legend")) return;
      last = [event.clientX, event.clientY];
    });
    window.addEventListener("pointermove", (event) => {
      if (!last || !document.contains(graph)) return;
      const [across, down] = [event.clientX - last[0], event.clientY - last[1]];
      if (!across && !down) return;
      last = [event.clientX, event.clientY];
      turn(graph, rotate(viewOf(graph), across * RADIANS_PER_PIXEL, down * RADIANS_PER_PIXEL));
    });
    ["pointerup", "pointercancel"].forEach((kind) => window.addEventListener(kind, () => { last = null; }));
    check(graph);
  }

  /* ---- which graphs, and the keyboard ---- */
  const graphIn = (host) => host && host.querySelector(".js-plotly-plot");
  let scheduled = false;
  new MutationObserver(() => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      document.querySelectorAll("[data-structure] .js-plotly-plot").forEach((graph) => { if (graph.on && graph._fullLayout) attach(graph); });
    }, 120);
  }).observe(document.body, { childList: true, subtree: true });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-look]");
    const graph = button && graphIn(button.closest("[data-structure]"));
    if (!graph || !sceneOf(graph)) return;
    const { view, cell } = sceneOf(graph);
    turn(graph, button.dataset.look === "first" ? view : along(cell, "abc".indexOf(button.dataset.look)));
  });

  /* Buttons beside the slider of frames press its arrow keys. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    const thumb = button && button.parentElement.querySelector("[role=slider]");
    if (!thumb) return;
    const now = Number(thumb.getAttribute("aria-valuenow"));
    const next = Math.min(Number(thumb.getAttribute("aria-valuemax")), Math.max(Number(thumb.getAttribute("aria-valuemin")), now + Number(button.dataset.step)));
    window.dash_clientside.set_props({ key: "frame", type: "view" }, { value: next });
  });

  const KEYS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  document.addEventListener("keydown", (event) => {
    const host = event.target.closest && event.target.closest("[data-turns-by-keys]");
    const graph = graphIn(host);
    if (!graph || !KEYS[event.key] || !sceneOf(graph)) return;
    event.preventDefault();
    turn(graph, rotate(viewOf(graph), ...KEYS[event.key]));
  });
})();
