// By which addresses a page speaks to the server about a take. A page behind a link in a text has its own, good for
// one day only; on every other page she is signed in, and a take that was begun behind such a link goes on as hers.

const SIGNED_IN = {
  create: "/uploads/", keep: "/videos/{video}/keep", discard: "/videos/{video}/discard", state: "/videos/{video}/state",
  renew: "/uploads/{upload}/renew",
};

/** The addresses as a page's configuration gives them. */
export function urls(given) {
  return {
    create: given.createUrl, keep: given.keepUrl, discard: given.discardUrl, state: given.stateUrl,
    renew: given.renewUrl, page: location.pathname + location.search,
  };
}

/** `doors(row)` for a session; `given` is the configuration of a page with one, else null. */
export function doors(given) {
  if (given?.alone) return (row) => (row.occurrence === given.occurrenceId ? urls(given) : row.urls);
  return (row) => {
    if (row.urls.create === SIGNED_IN.create) return row.urls;
    const page = `/record/${row.person}${row.occurrence ? `?occurrence=${row.occurrence}` : ""}`;
    return { ...SIGNED_IN, page };
  };
}
