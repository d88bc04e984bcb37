/** A page around the official client, for what of it runs in browsers only. */
let turn = Promise.resolve();

/**
 * Runs `act` where the client finds `window`. One at a time: there is one such global, and both servers' scenarios run at once.
 */
export function inPage(window, act) {
  const mine = turn.then(async () => {
    globalThis.window = window;
    try {
      return await act();
    } finally {
      delete globalThis.window;
    }
  });
  turn = mine.catch(() => {});
  return mine;
}
