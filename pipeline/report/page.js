"use strict";
// Filters over the samples that are in the page: nothing is loaded, nothing is stored.
const panel = document.querySelector(".filters");
const controls = [...panel.querySelectorAll("[data-filter]")];
const samples = [...document.querySelectorAll("#sample-list > li")].map((item) => ({
  item,
  text: item.textContent.toLowerCase(),
}));
const count = document.getElementById("count");
const nothing = document.getElementById("no-sample");

function fits(sample, control) {
  if (!control.value) return true;
  if (control.dataset.filter === "text") return sample.text.includes(control.value.toLowerCase());
  return sample.item.dataset[control.dataset.filter] === control.value;
}

function apply() {
  let shown = 0;
  for (const sample of samples) {
    const fit = controls.every((control) => fits(sample, control));
    sample.item.hidden = !fit;
    shown += fit;
  }
  count.textContent = `${shown} of ${samples.length} ${samples.length === 1 ? "sample" : "samples"}`;
  nothing.hidden = shown > 0;
}

function choose(values) {
  for (const control of controls) control.value = values[control.dataset.filter] ?? "";
  apply();
}

for (const control of controls) control.addEventListener("input", apply);
document.getElementById("clear").addEventListener("click", () => choose({}));
for (const link of document.querySelectorAll("[data-show-rule]")) {
  link.addEventListener("click", () => choose({ stage: link.dataset.showStage, rule: link.dataset.showRule }));
}
panel.hidden = false;
apply();
