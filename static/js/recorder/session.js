// Who is signed in on this page. A page that was open while she signed in again in another tab has an old
// token; it fetches itself once more and takes the new one over.

export class Session {
  /** `doors(row)`: the addresses by which this page speaks of a take, where they are others than it was made with. */
  constructor(user, csrf, doors = (row) => row.urls) {
    this.user = String(user);
    this.csrf = csrf;
    this.doors = doors;
  }

  /** True when a fresh token was found: somebody is signed in, and it is still the same person. */
  async refresh() {
    try {
      const answer = await fetch(location.href, { cache: "no-store", redirect: "manual" });
      if (!answer.ok) return false;
      // A template is inert: the page's own style and scripts stay asleep in it.
      const page = document.createElement("template");
      page.innerHTML = await answer.text();
      const token = page.content.querySelector("meta[name=csrf-token]");
      const person = page.content.querySelector("[data-user]");
      if (!token || person?.dataset.user !== this.user) return false;
      this.csrf = token.content;
      return true;
    } catch {
      return false;
    }
  }
}
