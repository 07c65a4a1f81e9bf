/* "No DFT yet?": what softdash would sample of a structure without forces, the visitor's choices, and how long it takes. */
(function () {
  "use strict";

  const ADDRESS = "/api/v1/samplings";
  const WAITS = {
    loading: " The potential is being loaded: the sampling waits a few seconds.",
    offline: " The potential is not running on this server at present: the sampling waits until it is.",
  };
  let serial = 0;

  function make(tag, text, attributes = {}) {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    return node;
  }

  function durationText(seconds) {
    if (seconds < 2) return "a second or two";
    if (seconds < 90) return `about ${Math.round(seconds)} seconds`;
    return `about ${Math.round(seconds / 60)} minutes`;
  }

  async function post(address, files, fields) {
    const form = new FormData();
    Object.entries(fields).forEach(([name, value]) => form.append(name, value));
    files.forEach((file) => form.append("files", file, file.name));
    try {
      const sent = await fetch(address, { method: "POST", body: form, headers: { Accept: "application/json" } });
      return await sent.json();
    } catch {
      return { error: { message: "The server did not answer.", advice: "Check that it is running, then try again." } };
    }
  }

  function errorPart(error) {
    const part = make("div", "", { role: "alert" });
    part.append(make("p", (error.where ? error.where + ": " : "") + error.message));
    if (error.advice) part.append(make("p", error.advice));
    return part;
  }

  function field(label, control) {
    control.id = "sampling-choice-" + ++serial;
    const box = make("div", "", { class: "field" });
    box.append(make("label", label, { for: control.id }), control);
    return box;
  }

  function potentialField(preview) {
    const select = make("select");
    const groups = [["Universal potentials", true], ["Test potentials", false]];
    groups.forEach(([label, isUniversal]) => {
      const offers = preview.potentials.filter((offer) => offer.is_universal === isUniversal);
      if (!offers.length) return;
      const group = make("optgroup", "", { label });
      offers.forEach((offer) => group.append(make("option", offer.label, { value: offer.potential })));
      select.append(group);
    });
    const ticked = Array.from(document.querySelectorAll("#potential-options input:checked")).map((box) => box.value);
    const chosen = preview.potentials.find((offer) => ticked.includes(offer.potential));
    if (chosen) select.value = chosen.potential;
    return select;
  }

  function numberField(value, least, most, step) {
    return make("input", "", { type: "number", required: "", inputmode: "numeric", value, min: least, max: most, step });
  }

  function structureText(structure) {
    const times = structure.supercell.join(" × ");
    const repeated = Math.max(...structure.supercell) > 1 ? `the cell of ${structure.source} repeated ${times}` : `as in ${structure.source}`;
    return [`${structure.formula}, ${structure.atom_count} atoms: ${repeated}.`, ...structure.warnings].join(" ");
  }

  function choices(files, preview) {
    const form = make("form", "", { class: "sampling-choices" });
    const potential = potentialField(preview);
    const temperature = numberField(preview.plan.temperature, 1, preview.temperature_max, "any");
    const states = numberField(preview.plan.frame_count, 1, preview.frame_count_max, 1);
    const time = make("p", "", { class: "small sampling-time", "aria-live": "polite" });
    const button = make("button", "Sample states", { type: "submit", class: "button primary" });
    const failure = make("div");
    const fields = make("div", "", { class: "sampling-fields" });
    fields.append(field("Potential", potential), field("Temperature (K)", temperature), field("States", states));

    function tell() {
      const offer = preview.potentials.find((one) => one.potential === potential.value);
      if (!offer) { time.textContent = "No potential is installed on this server."; button.disabled = true; return; }
      const seconds = offer.seconds_before + offer.seconds_per_state * Math.max(1, Number(states.value) || 1);
      const limit = seconds > preview.seconds_max ? ` One computation may take ${durationText(preview.seconds_max)} here: choose fewer states.` : "";
      time.textContent = `Takes ${durationText(seconds)} on this server.${limit}${WAITS[offer.state] || ""} ${offer.warnings.join(" ")}`.trim();
    }
    form.addEventListener("input", tell);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      const wanted = { potential: potential.value, temperature: temperature.value, frame_count: states.value };
      const answer = await post(ADDRESS, files, wanted);
      if (answer.sampling) {
        sessionStorage.setItem("softdash-delete-token-" + answer.sampling.id, answer.delete_token);
        location.assign("/sampling/" + answer.sampling.id);
        return;
      }
      button.disabled = false;
      failure.replaceChildren(errorPart(answer.error));
    });
    tell();
    form.append(make("p", structureText(preview.structure), { class: "sampling-structure" }), fields, time, button, failure);
    return form;
  }

  /* The offer appears at once; what would be sampled comes when the server has read the structure. */
  function offer(files) {
    const part = make("section", "", { class: "notice info sampling-offer", "aria-label": "No DFT yet?" });
    const text = "softdash can sample states of this structure with a potential, and write the inputs of one static DFT calculation for each.";
    const waiting = make("p", "Looking at the structure …", { class: "muted small", role: "status" });
    part.append(make("p", "No DFT yet?", { class: "field-label" }), make("p", text), waiting);
    post(ADDRESS + "/preview", files, {}).then((answer) => {
      waiting.replaceWith(answer.structure ? choices(files, answer) : errorPart(answer.error));
    });
    return part;
  }

  window.softdashSampling = { offer };
})();
