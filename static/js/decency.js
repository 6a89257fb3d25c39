// Says what the chosen hours mean while they are chosen, and shows the rule that they would go beyond.

const effect = document.querySelector("[data-effect]");
const warning = document.querySelector("[data-earliest]");
const hour = (name) => Number(document.querySelector(`[name="${name}"]`).value);

function say() {
  const hours = { opens: hour("opens"), closes: hour("closes"), sunday: hour("opens_sunday") };
  const { earliest, latest } = warning.dataset;
  warning.hidden = Math.min(hours.opens, hours.sunday) >= Number(earliest) && hours.closes <= Number(latest);
  if (hours.opens >= hours.closes) return; // refused when it is kept
  const kind = hours.sunday >= hours.closes ? "shut" : hours.sunday === hours.opens ? "same" : "later";
  effect.textContent = effect.dataset[kind].replace(/\{(\w+)\}/g, (_, name) => hours[name]);
}

document.addEventListener("change", say);
