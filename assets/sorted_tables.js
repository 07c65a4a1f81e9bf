/* Tables that sort: a button in each heading; numbers by data-value, cells without one last whatever the direction. */
(function () {
  "use strict";

  function keyOf(cell) {
    const value = cell.dataset.value;
    if (value !== undefined) return Number(value);
    const text = cell.textContent.trim();
    if (text === "–" || text === "") return null;
    return cell.classList.contains("number") && !Number.isNaN(Number(text.replace(/,/g, ""))) ? Number(text.replace(/,/g, "")) : text;
  }

  const compared = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true }));

  function sortBy(heading) {
    const table = heading.closest("table");
    const column = heading.cellIndex;
    const isDown = heading.getAttribute("aria-sort") === "ascending";
    const rows = Array.from(table.tBodies[0].rows);
    // A failed material has one wide cell in place of its numbers.
    const keyed = rows.map((row, place) => ({ row, place, key: row.cells[column] && row.cells[column].colSpan === 1 ? keyOf(row.cells[column]) : null }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.place - b.place;
      return (isDown ? -1 : 1) * compared(a.key, b.key) || a.place - b.place;
    });
    keyed.forEach(({ row }) => table.tBodies[0].append(row));
    Array.from(heading.parentElement.cells).forEach((cell) => cell.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", isDown ? "descending" : "ascending");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sort]");
    if (button) sortBy(button.closest("th"));
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.softdash_materials = {
    /* The chooser leads to the address of a material, with the potential that is chosen now; back leads back. */
    choose: function (address) {
      const materialOf = (search) => new URLSearchParams(search).get("material");
      // The select calls when it appears, too.
      if (!address || materialOf(address.split("?")[1]) === materialOf(location.search)) return window.dash_clientside.no_update;
      window.scrollTo(0, 0);
      return address;
    },
  };
})();
