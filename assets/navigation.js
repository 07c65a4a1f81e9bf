/* The menu in the header closes on Escape, on a click elsewhere, and when the focus leaves it; arrow keys move in it. */
(function () {
  "use strict";

  const openMenu = () => document.querySelector(".nav-menu[open]");

  document.addEventListener("click", (event) => {
    const menu = openMenu();
    if (menu && (!menu.contains(event.target) || event.target.closest("a"))) menu.removeAttribute("open");
  });

  document.addEventListener("focusin", (event) => {
    const menu = openMenu();
    if (menu && !menu.contains(event.target)) menu.removeAttribute("open");
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest && event.target.closest(".nav-menu");
    if (!menu) return;
    const summary = menu.querySelector("summary");
    if (event.key === "Escape" && menu.hasAttribute("open")) {
      menu.removeAttribute("open");
      summary.focus();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    menu.setAttribute("open", "");
    const stops = [summary, ...menu.querySelectorAll("a")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
})();
