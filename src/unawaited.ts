/**
 * Takes what a function of the program has returned where no promise is expected. An async function fits such a type too, and
 * a rejection that nobody handles would end the process.
 */
export function disown(returned: unknown, report: (error: unknown) => void = () => undefined): void {
  if (typeof (returned as PromiseLike<unknown> | null | undefined)?.then !== 'function') return;
  (returned as PromiseLike<unknown>).then(undefined, report);
}
