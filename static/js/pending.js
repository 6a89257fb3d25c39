// On every page of the app: what is still on this device goes up by itself, and a quiet note says so.

import { doors } from "./recorder/doors.js";
import { Session } from "./recorder/session.js";
import { Store } from "./recorder/store.js";
import { Takes } from "./recorder/takes.js";
import * as words from "./recorder/words.js";

const NOT_NOW = "vidmsg-not-now";

const box = document.getElementById("pending-takes");
const given = JSON.parse(document.getElementById("recorder-config")?.textContent ?? "null");
const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
const session = new Session(box.dataset.user, csrf, doors(given));
const takes = new Takes(await Store.open(), session, draw);
const found = new Set();

const dismissed = () => {
  try {
    return (sessionStorage.getItem(NOT_NOW) ?? "").split(" ");
  } catch {
    return [];
  }
};

function dismiss(id) {
  try {
    sessionStorage.setItem(NOT_NOW, [...dismissed(), id].join(" "));
  } catch {
    // Without storage the note comes back on the next page.
  }
  draw();
}

/** Hers, and either still on its way or waiting for her choice; what needs no word gets none. */
function worthANote(take) {
  const { row } = take;
  if (take.gone || row.user !== session.user || row.decision === "discard" || row.bytes === 0) return false;
  if (dismissed().includes(take.id)) return false;
  return !row.whole || row.decision === null || take.news.message !== "";
}

function draw() {
  const take = [...found].filter(worthANote).at(-1);
  if (!take) {
    box.hidden = true;
    return box.replaceChildren();
  }
  const sentence = take.news.message || words.elsewhere(take.row);
  if (box.querySelector("span")?.textContent === sentence) return undefined;
  const word = Object.assign(document.createElement("span"), { textContent: sentence });
  box.replaceChildren(word, ...(take.row.decision === null ? [choices(take)] : []));
  box.hidden = false;
  return undefined;
}

function choices(take) {
  const look = Object.assign(document.createElement("a"), { className: "btn", href: take.row.urls.page, textContent: "Look at it" });
  const later = Object.assign(document.createElement("button"), { className: "btn", type: "button", textContent: "Not now" });
  later.addEventListener("click", () => dismiss(take.id));
  const row = Object.assign(document.createElement("span"), { className: "row" });
  row.append(look, later);
  return row;
}

box.className = "status wait";
box.setAttribute("role", "status");
document.getElementById("main").prepend(box);
addEventListener("offline", draw);
addEventListener("online", draw);
takes.recover((take) => {
  found.add(take);
  draw();
});
