/* Other readings of an upload: a button or select carries the options that take it, its panel names the store for them. */
(function () {
  "use strict";

  /* One correction at a time: while the files are read again the page says so, and further ones wait. */
  const isBusy = () => Boolean(document.querySelector("[data-reading-again]:not([hidden])"));

  function correct(panel, options) {
    if (isBusy() || !Object.keys(options).length) return;
    window.dash_clientside.set_props(panel.dataset.corrections, { data: { options, at: Date.now() } });
    const progress = document.querySelector(".correcting");
    if (progress) progress.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-patch], [data-read-again]");
    const panel = button && button.closest("[data-corrections]");
    if (!panel || isBusy()) return;
    if (button.dataset.patch) { correct(panel, JSON.parse(button.dataset.patch)); return; }
    const selects = Array.from(panel.querySelectorAll("select")).filter((select) => select.value);
    correct(panel, Object.assign({}, ...selects.map((select) => JSON.parse(select.value))));
    // React keeps the elements when the page shows the new reading.
    selects.forEach((select) => { select.value = ""; });
  });
})();
