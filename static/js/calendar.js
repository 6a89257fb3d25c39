// Dragging a day's entry to another day: an extra to the plain Move form, which does the same. The server decides; a
// refusal is told in its words, and the page shown as things stand now.

const grid = document.querySelector(".month");
const told = document.getElementById("moved");
let held = null;

for (const entry of grid.querySelectorAll("[data-move]")) {
  entry.draggable = true;
  entry.addEventListener("dragstart", (event) => {
    held = entry;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", entry.href);
  });
  entry.addEventListener("dragend", () => {
    held = null;
    leave();
  });
}

for (const day of grid.querySelectorAll("[data-day]")) {
  day.addEventListener("dragover", (event) => {
    if (!held || day.dataset.day === held.dataset.was) return;
    event.preventDefault();
    leave();
    day.classList.add("over");
  });
  day.addEventListener("drop", (event) => {
    if (!held) return;
    event.preventDefault();
    leave();
    move(held, day.dataset.day);
  });
}

function leave() {
  grid.querySelector(".over")?.classList.remove("over");
}

async function move(entry, to) {
  const body = new URLSearchParams({ day: to, was: entry.dataset.was });
  const token = document.querySelector('meta[name="csrf-token"]').content;
  try {
    const answer = await fetch(entry.dataset.move, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token, "X-Requested-With": "fetch" },
    });
    if (answer.ok) {
      location.reload();
      return;
    }
    tell((await answer.json()).reason);
  } catch {
    tell("The server can't be reached, so the day stays where it is. Try once more.");
  }
}

function tell(reason) {
  told.textContent = reason;
  told.className = "status bad";
  told.scrollIntoView({ block: "center" });
}
