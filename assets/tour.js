/* A tour of one minute over the overview: a dialog beside the part that it speaks of. It starts only when asked for, by
   the line for newcomers or by the footer; the line does not come back once it was answered. */
(function () {
  "use strict";

  const STEPS = [
    { of: ".page-header", title: "What softening is", text: "Universal potentials learnt mostly from crystals near equilibrium. Further away their forces are too small: the energy surface is too flat. One number measures it, the softening scale: the slope of predicted on DFT forces." },
    { of: ".overview-figure", title: "Drag it", text: "Real forces of one material. Drag the softening scale: the energy well becomes flatter and the force cloud turns below the diagonal. At 1.00 both agree with DFT." },
    { of: "#headline-table", title: "How large it is", text: "Published and recomputed values, each with its number of materials, its 95 % interval and its source. Words with a dotted line have a definition: point at them, tap them, or move to them with Tab." },
    { of: ".nav-menu", title: "The benchmarks", text: "Surfaces, defects, orderings, migration, phonons, corrections: each figure of the paper has a page, published and recomputed side by side. Every figure and table can be downloaded." },
    { of: ".nav-action", title: "Your own material", text: "Upload DFT forces (VASP, Quantum ESPRESSO, GPAW, extended XYZ, …) or take an example. Within seconds: the softening scale with its interval, what to do about it, and what more labels would bring." },
    { of: ".next-step", title: "A link to keep", text: "Each diagnosis becomes a report with a link of its own: to share, to compare with others, to cite. Without DFT forces yet, a structure alone gets states to label and ready inputs." },
  ];
  const SEEN = "softdash-tour";
  const ROOM = 8;

  let dialog = null;
  let step = 0;
  let opener = null;

  function remember() {
    try { localStorage.setItem(SEEN, "seen"); } catch (error) { /* private windows may refuse: the line comes back */ }
    document.documentElement.removeAttribute("data-newcomer");
  }

  function built() {
    if (dialog) return dialog;
    dialog = document.createElement("dialog");
    dialog.className = "tour";
    dialog.setAttribute("aria-labelledby", "tour-title");
    dialog.setAttribute("aria-describedby", "tour-text");
    dialog.innerHTML = '<div class="tour-ring" aria-hidden="true"></div><div class="tour-card"><p class="eyebrow" id="tour-count"></p>'
      + '<h2 id="tour-title"></h2><p id="tour-text" aria-live="polite"></p><div class="tour-buttons">'
      + '<button type="button" class="text-button" data-tour="end">Skip</button><span></span>'
      + '<button type="button" class="button small" data-tour="back">Back</button>'
      + '<button type="button" class="button small primary" data-tour="next">Next</button></div></div>';
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowRight") go(step + 1);
      if (event.key === "ArrowLeft") go(step - 1);
    });
    dialog.addEventListener("close", () => {
      remember();
      if (opener && opener.isConnected && opener.checkVisibility()) opener.focus();
      else document.getElementById("content").focus({ preventScroll: true });
    });
    document.body.appendChild(dialog);
    return dialog;
  }

  const shown = () => STEPS.filter((one) => document.querySelector(one.of));

  /* The ring around the part, the card below it, or above it, or at the edge of the window where neither has room. */
  function place() {
    if (!dialog || !dialog.open) return;
    const target = document.querySelector(shown()[step].of);
    if (!target) return;
    const box = target.getBoundingClientRect();
    const ring = dialog.querySelector(".tour-ring").style;
    const top = Math.max(box.top - ROOM, 2);
    const bottom = Math.min(box.bottom + ROOM, innerHeight - 2);
    const left = Math.max(box.left - ROOM, 2);
    Object.assign(ring, { top: top + "px", left: left + "px", height: Math.max(bottom - top, 0) + "px", width: Math.min(box.right + ROOM, innerWidth - 2) - left + "px" });
    const card = dialog.querySelector(".tour-card");
    const below = bottom + 10;
    const above = top - card.offsetHeight - 10;
    const fits = below + card.offsetHeight < innerHeight - 8 ? below : above > 8 ? above : innerHeight - card.offsetHeight - 12;
    card.style.top = fits + "px";
    card.style.left = Math.min(Math.max(box.left, 12), Math.max(12, document.documentElement.clientWidth - card.offsetWidth - 12)) + "px";
  }

  function go(number) {
    const steps = shown();
    if (number >= steps.length) { dialog.close(); return; }
    step = Math.max(0, number);
    dialog.querySelector("#tour-count").textContent = "Step " + (step + 1) + " of " + steps.length;
    dialog.querySelector("#tour-title").textContent = steps[step].title;
    dialog.querySelector("#tour-text").textContent = steps[step].text;
    dialog.querySelector('[data-tour="back"]').disabled = step === 0;
    dialog.querySelector('[data-tour="next"]').textContent = step === steps.length - 1 ? "Done" : "Next";
    const target = document.querySelector(steps[step].of);
    /* What is fixed to the window's top needs no scrolling; a part taller than the window starts at its top. */
    if (!target.closest(".site-header")) target.scrollIntoView({ behavior: "instant", block: target.offsetHeight > innerHeight * 0.6 ? "start" : "center" });
    place();
  }

  function start(from) {
    opener = from;
    built().showModal();
    go(0);
    dialog.querySelector('[data-tour="next"]').focus();
  }

  /* The tour is about the overview: from another page, go there first. */
  function startOnOverview(from) {
    if (document.querySelector(".overview-figure, .ways-on")) { start(from); return; }
    document.querySelector(".wordmark").click();
    const waiting = new MutationObserver(() => {
      if (!document.querySelector(".ways-on")) return;
      waiting.disconnect();
      start(from);
    });
    waiting.observe(document.body, { childList: true, subtree: true });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tour]");
    if (!button) return;
    if (button.dataset.tour === "start") startOnOverview(button);
    else if (button.dataset.tour === "next") go(step + 1);
    else if (button.dataset.tour === "back") go(step - 1);
    else if (button.dataset.tour === "end") dialog.close();
    else remember();
  });
  window.addEventListener("resize", place);
  document.addEventListener("scroll", place, { capture: true, passive: true });
  window.addEventListener("popstate", () => { if (dialog && dialog.open) dialog.close(); });
})();
