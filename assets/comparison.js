/* A click on a point of the scatter plot opens the material's parity plot; without a request to the server. */
(function () {
  "use strict";

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.softdashComparison = {
    openMaterial: function (click, data, x, y) {
      const point = click && click.points && click.points[0];
      const material = point && Array.isArray(point.customdata) ? point.customdata[0] : null;
      if (typeof material !== "string") return window.dash_clientside.no_update;
      const potentials = x === y ? x : x + "," + y;
      return "/softening?" + new URLSearchParams({ data: data, potentials: potentials, material: material });
    },
  };
})();
