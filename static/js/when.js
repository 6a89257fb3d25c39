// Choosing another moment: says it on both clocks as one chooses. The server reckons; without this script the button
// "Show both times" asks it.

const PAUSE_MS = 250;

for (const place of document.querySelectorAll("[data-ask]")) {
  const said = place.querySelector("[data-said]");
  const fields = place.querySelectorAll("[name=day], [name=at], [name=clock]");
  const state = { timer: 0, asked: 0 };

  const ask = async () => {
    const mine = ++state.asked;
    const values = new URLSearchParams();
    for (const field of fields) if (field.type !== "radio" || field.checked) values.set(field.name, field.value);
    try {
      const answer = await fetch(`${place.dataset.ask}?${values}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || mine !== state.asked) return;
      const { said: words, problem } = await answer.json();
      said.textContent = words ?? problem;
      said.classList.toggle("wrong", words === undefined);
    } catch {
      said.textContent = ""; // offline: the server says it when the text is sent
    }
  };

  place.querySelector("[data-look]").hidden = true;
  place.addEventListener("input", () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(ask, PAUSE_MS);
  });
  ask();
}
