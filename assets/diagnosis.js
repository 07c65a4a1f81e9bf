/* Uploads with progress and cancel, choice of an example, and the delete token that only this browser tab knows. */
(function () {
  "use strict";

  const TOKEN = "softdash-delete-token-";
  let request = null;

  const setProps = (id, props) => window.dash_clientside.set_props(id, props);
  const element = (id) => document.getElementById(id);

  function sizeText(bytes) {
    if (bytes < 1000) return bytes + " bytes";
    const megabytes = bytes / 1e6;
    return megabytes < 1 ? (bytes / 1e3).toFixed(0) + " kB" : megabytes.toFixed(megabytes < 10 ? 1 : 0) + " MB";
  }

  function make(tag, text, className) {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    if (className) node.className = className;
    return node;
  }

  function show(...nodes) {
    const status = element("upload-status");
    if (status) status.replaceChildren(...nodes);
  }

  function offerText(offer) {
    if (offer === "thin") return `Thin evenly to at most ${element("upload-zone").dataset.maxFrames} frames and read again`;
    return offer === "reorder" ? "Re-order the atoms and read again" : "Try it that way";
  }

  /* Options of a reading as fields of the form: lists with commas; null takes the default again. */
  function fieldsOf(options) {
    return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null)
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : String(value)]));
  }

  function mendButton(text, files, options) {
    const again = make("button", text, "button small");
    again.type = "button";
    again.addEventListener("click", () => send(files, options));
    return again;
  }

  /* What mends an error: the option that it offers, or one of several readings that the files leave. */
  function mendButtons(error, files, options) {
    const buttons = (error.choices || []).map((choice) => mendButton(choice.label, files, fieldsOf({ ...options, ...choice.options })));
    if (error.offer) buttons.push(mendButton(offerText(error.offer), files, { ...options, [error.offer]: "true" }));
    return buttons;
  }

  /* An error may be mended by options: the same files are sent again with them. */
  function showError(error, files, options) {
    const box = make("div", "", "notice error");
    box.setAttribute("role", "alert");
    const what = make("p");
    if (error.where) what.append(make("strong", error.where + ": "));
    what.append(error.message);
    box.append(what);
    if (error.advice) box.append(make("p", error.advice));
    const lacksForces = error.offer === "sample" && files;
    const buttons = files && !lacksForces ? mendButtons(error, files, options) : [];
    if (lacksForces) {
      const paste = make("button", "Paste its forces", "button small");
      paste.type = "button";
      paste.addEventListener("click", () => window.softdashPaste.open(files));
      buttons.push(paste);
    }
    if (buttons.length) {
      const row = make("div", "", "button-row");
      row.append(...buttons);
      box.append(row);
    }
    show(box, ...(lacksForces ? [window.softdashSampling.offer(files)] : []));
  }

  function choose(source) {
    document.querySelectorAll("[data-example]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.example === source.example));
    });
    setProps("diagnose-source", { data: source });
  }

  /* ---- sending ---- */
  function tooMuch(files, zone) {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const mostBytes = Number(zone.dataset.maxBytes);
    const mostFiles = Number(zone.dataset.maxFiles);
    if (files.length > mostFiles) {
      return { message: `These are ${files.length} files; at most ${mostFiles} are taken at once.`, advice: "Choose fewer files." };
    }
    if (total > mostBytes) {
      return {
        where: files.length === 1 ? files[0].name : null,
        message: `${sizeText(total)} is more than the ${sizeText(mostBytes)} that are taken at once; nothing was sent.`,
        advice: "Upload fewer frames: every n-th step of a run says nearly the same. Compressed files (.gz) are read too.",
      };
    }
    return null;
  }

  function progressParts(files) {
    const line = make("div", "", "upload-progress");
    const text = make("span", "", "small");
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", "Upload");
    const cancel = make("button", "Cancel", "button small");
    cancel.type = "button";
    cancel.addEventListener("click", () => request && request.abort());
    line.append(text, bar, cancel);
    const names = files.length === 1 ? files[0].name : files.length + " files";
    return { line, text, bar, names };
  }

  function answerOf(sent) {
    try { return JSON.parse(sent.responseText); } catch { return null; }
  }

  function send(fileList, options = {}) {
    const zone = element("upload-zone");
    const files = Array.from(fileList);
    if (!zone || !files.length) return;
    if (request) request.abort();
    const problem = tooMuch(files, zone);
    if (problem) { showError(problem); return; }
    const form = new FormData();
    Object.entries(options).forEach(([name, value]) => form.append(name, value));
    files.forEach((file) => form.append("files", file, file.name));
    const parts = progressParts(files);
    const sending = new XMLHttpRequest();
    request = sending;
    sending.open("POST", zone.dataset.address);
    sending.setRequestHeader("Accept", "application/json");
    sending.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      parts.bar.value = event.loaded / event.total;
      parts.text.textContent = event.loaded < event.total
        ? `Sending ${parts.names}: ${sizeText(event.loaded)} of ${sizeText(event.total)}`
        : `Reading ${parts.names} …`;
    };
    sending.upload.onload = () => { parts.bar.removeAttribute("value"); parts.text.textContent = `Reading ${parts.names} …`; };
    sending.onload = () => finish(sending, parts.names, files, options);
    sending.onerror = () => {
      if (request === sending) request = null;
      showError({ message: "The connection broke before the files arrived.", advice: "Check that the server is running, then try again." });
    };
    sending.onabort = () => {
      if (request === sending) { request = null; show(make("p", "Upload cancelled; nothing was stored.", "muted small")); }
    };
    parts.text.textContent = `Sending ${parts.names} …`;
    show(parts.line);
    sending.send(form);
  }

  function finish(sent, names, files, options) {
    if (request === sent) request = null;
    if (!element("upload-zone")) return; // the visitor went to another page meanwhile
    const answer = answerOf(sent);
    if (sent.status >= 200 && sent.status < 300 && answer && answer.id) {
      show(make("p", `${names} read.`, "small muted"));
      choose({ upload: answer.id, example: "" });
      element("step-2").scrollIntoView({ block: "start" });
      return;
    }
    showError((answer && answer.error) || {
      message: `The server answered with status ${sent.status} and no explanation.`,
      advice: "Try again; if it happens again, the server's log says more.",
    }, files, options);
  }

  /* ---- the chooser lives outside of the page, so that React never touches it ---- */
  const chooser = document.createElement("input");
  chooser.type = "file";
  chooser.multiple = true;
  chooser.hidden = true;
  chooser.id = "upload-input";
  chooser.addEventListener("change", () => { send(chooser.files); chooser.value = ""; });
  document.body.append(chooser);

  document.addEventListener("click", (event) => {
    const example = event.target.closest("[data-example]");
    if (example) { show(); choose({ upload: "", example: example.dataset.example }); return; }
    if (event.target.closest("#upload-button")) chooser.click();
  });

  const zoneOf = (event) => (event.target.closest ? event.target.closest("#upload-zone") : null);
  document.addEventListener("dragover", (event) => {
    if (!element("upload-zone")) return;
    event.preventDefault(); // a file dropped beside the zone would otherwise replace the page
    element("upload-zone").classList.toggle("over", Boolean(zoneOf(event)));
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget && element("upload-zone")) element("upload-zone").classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    const zone = element("upload-zone");
    if (!zone) return;
    event.preventDefault();
    zone.classList.remove("over");
    if (!event.dataTransfer || !event.dataTransfer.files.length) return;
    if (event.target.closest && event.target.closest("#paste")) window.softdashPaste.take(event.dataTransfer.files);
    else send(event.dataTransfer.files);
  });

  /* ---- an atom marked in the lists, the structure and the parity plots ---- */
  function markAtom(frame, atom) {
    setProps({ key: "frame", type: "view" }, { value: Number(frame) });
    if (document.querySelector(".report-structure")) setProps({ key: "atom", type: "view" }, { value: atom ? String(atom) : "" });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-frame]");
    if (!button) return;
    markAtom(button.dataset.frame, button.dataset.atom);
    const card = document.querySelector(".structure-card");
    if (card && !button.closest(".report-structure")) card.scrollIntoView({ block: "nearest" });
  });

  function listen(graph) {
    if (graph.dataset.marks) return;
    graph.dataset.marks = "yes";
    graph.on("plotly_click", (event) => {
      const place = event.points && event.points[0] && event.points[0].customdata;
      if (place && place.length >= 2) markAtom(place[0], place[1]);
    });
  }

  /* Rings around the three components of the marked atom, in each plot of its potential. */
  function ring(graph, components) {
    const at = graph.data.findIndex((trace) => trace.meta && trace.meta.ring);
    const x = [], y = [];
    Object.entries(components || {}).forEach(([potential, values]) => {
      if (!graph.data.some((trace) => trace.legendgroup === potential)) return;
      const turned = graph.closest(".dash-graph").id.startsWith("report-residuals");
      values[0].forEach((reference, axis) => { x.push(reference); y.push(values[1][axis] - (turned ? reference : 0)); });
    });
    if (at >= 0) { window.Plotly.restyle(graph, { x: [x], y: [y] }, [at]); return; }
    if (!x.length) return;
    window.Plotly.addTraces(graph, {
      x: x, y: y, mode: "markers", name: "marked atom", showlegend: false, hoverinfo: "skip", meta: { decoration: true, ring: true },
      marker: { symbol: "circle-open", size: 15, line: { width: 3 }, color: getComputedStyle(document.body).color },
    });
  }

  let marked = null;
  let markings = 0;
  function markSoon() {
    const turn = ++markings;
    const started = Date.now();
    (function again() {
      if (turn !== markings) return;
      const graphs = Array.from(document.querySelectorAll(".parity-figures .dash-graph"));
      const drawn = graphs.map((graph) => graph.querySelector(".js-plotly-plot")).filter((graph) => graph && graph._fullLayout && graph.data);
      drawn.forEach((graph) => { listen(graph); ring(graph, marked); });
      document.querySelectorAll(".report-structure .js-plotly-plot").forEach((graph) => graph.on && listen(graph));
      if ((!graphs.length || drawn.length < graphs.length) && Date.now() - started < 20000) setTimeout(again, 300);
    })();
  }

  /* The address of a frame is known only here; softdash.js copies what stands in data-copy. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy-embed]");
    if (button) button.dataset.copy = `<iframe src="${location.origin}/embed/${button.dataset.copyEmbed}" title="softdash report" width="640" height="380" loading="lazy"></iframe>`;
  }, true);

  /* ---- printing: plotly draws for the screen's width; a viewBox lets the drawing shrink with the paper ---- */
  function eachDrawing(change) {
    document.querySelectorAll(".js-plotly-plot .svg-container").forEach((container) => {
      container.querySelectorAll(".main-svg").forEach((svg) => change(svg, container));
    });
  }
  window.addEventListener("beforeprint", () => {
    eachDrawing((svg, container) => {
      const [width, height] = [svg.getAttribute("width"), svg.getAttribute("height")];
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      container.style.setProperty("--drawn-ratio", `${width} / ${height}`);
    });
    const printed = element("report-address");
    if (printed) printed.textContent = location.origin + location.pathname;
  });
  window.addEventListener("afterprint", () => eachDrawing((svg) => svg.removeAttribute("viewBox")));

  window.softdashUpload = { send, showError, sizeText };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.softdash_diagnosis = {
    /* The token goes into this tab's memory, never into an address. */
    open: function (created) {
      if (!created) return window.dash_clientside.no_update;
      sessionStorage.setItem(TOKEN + created.id, created.token);
      window.scrollTo(0, 0);
      return "/report/" + created.id;
    },
    mark: function (components) {
      marked = components;
      markSoon();
      return window.dash_clientside.no_update;
    },
    token: function (reportId) {
      const token = reportId ? sessionStorage.getItem(TOKEN + reportId) : null;
      return token ? [token, false, token] : ["", true, ""];
    },
  };
})();
