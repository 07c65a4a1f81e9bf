/* Definitions of terms: headings that name one are marked, and a definition opens on hovering, focus and touch. The
   sentences stand once in the page, hidden (components/terms.py); aria-describedby leads screen readers to them. */
(function () {
  "use strict";

  const HEADINGS = [
    "main table.data thead th", "main table.statistics tbody th", "main dl:not(.provenance dl, .formats) dt", "main .field-label",
    "main .mantine-InputWrapper-label", "main .mantine-RadioGroup-label", "main .ag-header-cell",
  ].map((heading) => heading + ":not(.methods-body dl *)").join(",");
  /* A longer heading is a sentence. */
  const LONGEST_HEADING = 45;
  const SHOWN = "term-definition";
  const GAP = 8;

  let names = null;
  const keys = new Map();
  let box = null;
  let shownFor = null;

  function escaped(text) {
    return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  }

  /* All names with the id of their definition. */
  function knownNames() {
    const list = document.getElementById("definitions");
    if (names || !list) return names || [];
    names = Array.from(list.children).flatMap((one) => JSON.parse(one.dataset.names).map((name) => ({
      id: one.id, length: name.length, pattern: new RegExp("(?<![\\w.])" + escaped(name) + "(?:s|es)?(?!\\w)", "i"),
    })));
    return names;
  }

  /* The first name in the text, and of two that begin there the longer. */
  function firstName(text) {
    if (text.length > LONGEST_HEADING) return "";
    const found = knownNames().map((name) => ({ at: text.search(name.pattern), name: name })).filter((one) => one.at >= 0);
    found.sort((a, b) => a.at - b.at || b.name.length - a.name.length);
    return found.length ? found[0].name.id : "";
  }

  function definitionOf(text) {
    if (!keys.has(text)) keys.set(text, firstName(text));
    return keys.get(text);
  }

  /* React may give an element another text, so each is looked at again; it keeps attributes that it does not know. */
  function markHeadings() {
    if (!knownNames().length) return;
    document.querySelectorAll(HEADINGS).forEach((heading) => {
      const id = heading.querySelector(".term") ? "" : definitionOf(heading.textContent.trim());
      if ((heading.dataset.term || "") === id) return;
      const inside = heading.querySelector("a, button");
      const focused = inside || heading;
      if (!id) {
        ["data-term", "aria-describedby"].forEach((name) => heading.removeAttribute(name));
        if (!inside && !heading.matches(".ag-header-cell")) heading.removeAttribute("tabindex");
        return;
      }
      heading.dataset.term = id;
      focused.setAttribute("aria-describedby", id);
      /* A grid moves the focus between its headings itself. */
      if (!inside && !heading.matches(".ag-header-cell")) heading.setAttribute("tabindex", "0");
    });
  }

  function explanationOf(element) {
    if (element.dataset.explanation) return element.dataset.explanation;
    const source = document.getElementById(element.dataset.term || element.getAttribute("aria-describedby") || "");
    return source && source !== box ? source.textContent : "";
  }

  function place(element) {
    const target = element.getBoundingClientRect();
    const width = box.offsetWidth;
    const height = box.offsetHeight;
    const left = Math.min(Math.max(GAP, target.left + target.width / 2 - width / 2), document.documentElement.clientWidth - width - GAP);
    const above = target.top - height - GAP;
    box.style.left = left + "px";
    box.style.top = (above > GAP ? above : target.bottom + GAP) + "px";
  }

  function show(element) {
    const text = explanationOf(element);
    if (!text || shownFor === element) return;
    hide();
    if (!box) {
      box = document.createElement("div");
      box.id = SHOWN;
      box.className = "term-definition";
      box.setAttribute("role", "tooltip");
      document.body.appendChild(box);
    }
    box.textContent = text;
    box.hidden = false;
    shownFor = element;
    if (element.dataset.explanation) element.setAttribute("aria-describedby", SHOWN);
    place(element);
  }

  function hide() {
    if (!shownFor) return;
    if (shownFor.dataset.explanation) shownFor.removeAttribute("aria-describedby");
    shownFor = null;
    box.hidden = true;
  }

  const termOf = (target) => target.closest && target.closest(".term, [data-term]");

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const element = termOf(event.target);
    if (element) show(element);
    /* The pointer may go onto the definition, and the focus keeps its own open. */
    else if (shownFor && event.target !== box && !shownFor.contains(document.activeElement)) hide();
  });
  document.addEventListener("focusin", (event) => {
    const element = termOf(event.target);
    if (element && event.target.matches(":focus-visible, .term")) show(element);
    else hide();
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("click", (event) => {
    const element = termOf(event.target);
    if (element) show(element);
    else hide();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("scroll", () => { if (shownFor) place(shownFor); }, { capture: true, passive: true });

  let scheduled = false;
  new MutationObserver(() => {
    if (shownFor && !shownFor.isConnected) hide();
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => { scheduled = false; markHeadings(); }, 250);
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
})();
