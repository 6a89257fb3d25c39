// How a text is cut for the phone network, and how it is made plain: the twin of vidmsg/sms/segments.py, for the live
// count while a rep writes. What is sent and billed is counted again by the server; a test holds both to one table.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
  + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€"); // two septets each
const ALONE = { "GSM-7": 160, "UCS-2": 70 };
const JOINED = { "GSM-7": 153, "UCS-2": 67 };

/** Encoding, segments and characters (as a reader counts them) of a text. */
export function count(text) {
  const clusters = [...clustersOf(text)];
  const encoding = isGsm(text) ? "GSM-7" : "UCS-2";
  const sizes = clusters.map(encoding === "GSM-7" ? septets : (cluster) => cluster.length);
  return { encoding, segments: segmentsOf(sizes, ALONE[encoding], JOINED[encoding]), characters: clusters.length };
}

/** The text in GSM-7 if look-alikes can bring it there; else its own typography without control characters. */
export function plain(text) {
  const composed = text.normalize("NFC");
  const replaced = [...composed].map((character) => REPLACEMENTS.get(character) ?? character).join("");
  return isGsm(replaced) ? replaced : composed.replace(CONTROLS, "");
}

function isGsm(text) {
  return [...text].every((character) => BASIC.has(character) || EXTENDED.has(character));
}

function septets(cluster) {
  return [...cluster].reduce((sum, character) => sum + (EXTENDED.has(character) ? 2 : 1), 0);
}

function segmentsOf(sizes, alone, joined) {
  if (sizes.reduce((sum, size) => sum + size, 0) <= alone) return 1;
  let segments = 1;
  let free = joined;
  for (let size of sizes) {
    if (size > free) {
      segments += 1;
      free = joined;
    }
    while (size > free) { // larger than a whole segment: torn
      segments += 1;
      size -= free;
      free = joined;
    }
    free -= size;
  }
  return segments;
}

function* clustersOf(text) {
  let cluster = "";
  for (const character of text) {
    if (cluster && joins(cluster, character)) {
      cluster += character;
    } else {
      if (cluster) yield cluster;
      cluster = character;
    }
  }
  if (cluster) yield cluster;
}

// Marks, joiners, skin tones and the letters of flags made of tags.
const EXTENDS = /^[\p{M}\u200c\u200d\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}]$/u;
const FLAG_LETTER = /^[\u{1f1e6}-\u{1f1ff}]$/u;

function joins(cluster, character) {
  if (cluster === "\r" || cluster === "\n") return false;
  if (EXTENDS.test(character) || cluster.endsWith("\u200d")) return true;
  return FLAG_LETTER.test(character) && FLAG_LETTER.test(cluster);
}

const CONTROLS = /[\x00-\x09\x0b\x0e-\x1f\x7f-\x9f]/g;

const LOOKALIKES = {
  "\"": "«»“”„ʺˮ‟❝❞〝〞",
  "'": "‘’‚‛ʻʼʽˈˊˋ´`｀❛❜′\u0312\u0313\u0314︐︑",
  "/": "÷⧸∕⁄\u0337\u0338",
  "\\": "⧹\u20e5",
  "|": "\u20d2\u20d3∣⎹⎸⎜⎟",
  "-": "‐‑‒–—―−⁃⎼⎽﹣",
  "_": "‗",
  "!": "︕﹗",
  "#": "﹟",
  "$": "﹩",
  "%": "﹪",
  "&": "﹠",
  "@": "﹫",
  ",": "\u0326﹐﹑､、",
  "(": "❨❪⦅﹙",
  ")": "❩❫⦆﹚",
  "*": "∗✢✣✤✥✱✲✳✺✻✼✽❃❉❊❋﹡",
  "+": "˖﹢",
  ".": "﹒｡",
  ":": "˸꞉︓﹕",
  ";": "︔﹔",
  "=": "꞊﹦",
  "?": "︖﹖",
  "<": "‹›﹤",
  ">": "﹥",
  "^": "ˆ",
  "~": "˜∼\u0303\u0334\u0330",
  "{": "❴﹛",
  "}": "❵﹜",
  "[": "⟦",
  "]": "⟧",
  "R": "ʀ",
  "S": "ꜱ",
  "T": "ᴛ",
  "U": "ᴜ",
  "V": "ᴠ",
  "W": "ᴡ",
  "Z": "ᴢ",
  " ": "\u00a0\u2028\u2029\t",
  "  ": "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
  "": "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e",
  "...": "…",
  "1/4": "¼",
  "1/2": "½",
  "3/4": "¾",
};
const REPLACEMENTS = new Map([["\x7f", ""]]);
for (let code = 0; code < 0x20; code += 1) {
  if (!"\n\r\f".includes(String.fromCharCode(code))) REPLACEMENTS.set(String.fromCharCode(code), "");
}
for (let code = 0x80; code < 0xa0; code += 1) REPLACEMENTS.set(String.fromCharCode(code), "  ");
for (let offset = 0; offset < 94; offset += 1) { // full-width ASCII
  REPLACEMENTS.set(String.fromCharCode(0xff01 + offset), String.fromCharCode(0x21 + offset));
}
for (const [becomes, characters] of Object.entries(LOOKALIKES)) {
  for (const character of characters) REPLACEMENTS.set(character, becomes);
}
