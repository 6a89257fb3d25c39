// Three, two, one: drawn large, said once. It can be switched off for good and called off each time.

const OFF = "vidmsg-countdown-off";
const STEP_MS = 1000;

export const countdownOn = () => {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
};

export function setCountdown(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // A private window forgets it.
  }
}

/** Counts down in `number` with `arc` around it. True when it came to the end, false when `signal` called it off. */
export function countDown(number, arc, signal) {
  return new Promise((resolve) => {
    let left = 3;
    const show = () => {
      number.textContent = String(left);
      arc.setAttribute("stroke-dasharray", `${Math.max(0.01, (100 * left) / 3)} 100`);
    };
    const timer = setInterval(() => {
      left -= 1;
      if (left > 0) return show();
      clearInterval(timer);
      resolve(true);
    }, STEP_MS);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      resolve(false);
    });
    show();
  });
}
