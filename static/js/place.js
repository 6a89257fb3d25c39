// The first start's place: the browser knows its time zone, and the zone its country. A guess only; the person may
// change it, and what she chose or what the server sent back after an error is left alone.
const form = document.querySelector("[data-place]");
const zone = form.elements.time_zone;
const country = form.elements.country;
const say = form.querySelector("[data-place-words]");

function words() {
  const city = zone.value.split("/").pop().replaceAll("_", " ");
  const land = country.selectedOptions[0]?.textContent ?? "";
  say.textContent = say.dataset.placeWords.replace("{city}", city).replace("{country}", land);
}

function follow() {
  const land = zone.selectedOptions[0]?.dataset.country;
  if (land) country.value = land;
  words();
}

const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (form.dataset.place === "guess" && [...zone.options].some((option) => option.value === guess)) zone.value = guess;
if (form.dataset.place === "guess") follow();
zone.addEventListener("change", follow);
country.addEventListener("change", words);
words();
