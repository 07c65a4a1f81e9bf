/* The draggable figure of the overview: one number bends the energy curve and tilts the force cloud, without the server. */
(function () {
  "use strict";

  let wanted = null;
  let scheduled = false;

  function graphOf(id) {
    const host = document.getElementById(id);
    return host && host.querySelector(".js-plotly-plot");
  }

  function drawEnergy(scale) {
    const graph = graphOf("overview-energy");
    if (!graph || !graph.data || graph.data.length < 6) return;
    const odd = [1, 3, 5];
    const atom = graph.data[4].x[0];
    window.Plotly.restyle(graph, {
      x: odd.map((i) => graph.data[i - 1].x.map((place) => (i === 3 ? atom + scale * (place - atom) : place))),
      y: odd.map((i) => graph.data[i - 1].y.map((energy) => energy * scale)),
    }, odd);
  }

  function drawParity(scale) {
    const graph = graphOf("overview-parity");
    if (!graph || !graph.data || graph.data.length < 3) return;
    const points = graph.data[1].meta;
    const factor = scale / points.slope;
    const fit = graph.data[2].x.map((force) => force * scale);
    window.Plotly.restyle(graph, { y: [points.predicted.map((force) => force * factor), fit] }, [1, 2]);
  }

  function schedule(scale) {
    wanted = scale;
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      if (!window.Plotly) return;
      drawEnergy(wanted);
      drawParity(wanted);
    });
  }

  function forcesText(scale) {
    const percent = Math.round(Math.abs(1 - scale) * 1000) / 10;
    if (percent < 0.05) return "exact on average";
    return percent.toFixed(percent < 10 ? 1 : 0) + " % too " + (scale < 1 ? "small" : "large");
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.overview = {
    bend: function (scale, real) {
      schedule(scale);
      const isReal = Math.abs(scale - real) < 0.0005;
      return [scale.toFixed(isReal ? 3 : 2), forcesText(scale), "× " + (1 / scale).toFixed(2), "× " + Math.sqrt(scale).toFixed(2), isReal];
    },
    reset: function (clicks, real) {
      return clicks ? real : window.dash_clientside.no_update;
    },
  };
})();
