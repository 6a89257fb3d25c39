// Settings: a swatch fills the colour field, and the field's colour is shown at once.
const field = document.getElementById("accent");
const dot = document.querySelector("[data-dot]");
for (const swatch of document.querySelectorAll("[name=swatch]")) {
  swatch.addEventListener("change", () => { field.value = swatch.value; show(); });
}
function show() {
  if (/^#[0-9a-f]{6}$/i.test(field.value)) dot.setAttribute("fill", field.value);
  for (const swatch of document.querySelectorAll("[name=swatch]")) swatch.checked = swatch.value === field.value.toLowerCase();
}
field.addEventListener("input", show);
