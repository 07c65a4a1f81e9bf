/* "Paste a table of forces": the text goes to the server as a file, together with the file of its structure. */
(function () {
  "use strict";

  const element = (id) => document.getElementById(id);
  let structure = [];

  function tell(text) { element("paste-problem").textContent = text; }

  function take(files) {
    structure = Array.from(files);
    if (element("paste-structure-name")) element("paste-structure-name").textContent = structure.map((file) => file.name).join(", ");
    tell("");
  }

  /* The server knows formats by names; what was pasted has none. These hold structures and forces together. */
  const WHOLE = [["Lattice=", "pasted.extxyz"], ["<modeling>", "vasprun.xml"], ["VRHFIN", "OUTCAR"], ["Program PWSCF", "pasted.txt"]];

  function wholeName(text) {
    const found = WHOLE.find(([words]) => text.slice(0, 20000).includes(words));
    return found && found[1];
  }

  function structureName(text) {
    return /^data_|_cell_length_a/im.test(text.slice(0, 20000)) ? "pasted.cif" : "POSCAR";
  }

  function submit() {
    const forces = element("paste-forces").value;
    const pasted = element("paste-structure-text").value;
    if (!forces.trim()) { tell("Paste the forces first."); element("paste-forces").focus(); return; }
    const files = structure.length || !pasted.trim() ? structure : [new File([pasted], structureName(pasted))];
    const whole = wholeName(forces);
    if (!files.length && !whole) {
      tell("Choose the structure that the forces belong to, or paste it.");
      element("paste-structure").focus();
      return;
    }
    tell("");
    window.softdashUpload.send([...files, new File([forces], whole || "pasted.txt", { type: "text/plain" })]);
  }

  function open(files) {
    const panel = element("paste");
    if (!panel) return;
    panel.open = true;
    if (files) take(files);
    element("paste-forces").focus();
  }

  /* On the page only while it is open: of two choosers side by side one would be mistaken for the other. */
  function choose() {
    const chooser = document.createElement("input");
    chooser.type = "file";
    chooser.hidden = true;
    chooser.addEventListener("change", () => { take(chooser.files); chooser.remove(); });
    chooser.addEventListener("cancel", () => chooser.remove());
    document.body.append(chooser);
    chooser.click();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("#paste-structure")) choose();
    if (event.target.closest("#paste-send")) submit();
  });
  // Another page and back: the file that was chosen is forgotten with the name that stood there.
  document.addEventListener("toggle", (event) => {
    if (event.target.id === "paste" && event.target.open && !element("paste-structure-name").textContent) structure = [];
  }, true);

  window.softdashPaste = { open, take };
})();
