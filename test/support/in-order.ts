/**
 * For tests that build on one another. Each test first runs the earlier ones that have not run yet, so the tests work in any
 * order and selection.
 */
export function inOrder(): (name: string, step: () => void | Promise<void>) => void {
  let before = (): Promise<void> => Promise.resolve();
  return (name, step) => {
    const previous = before;
    let running: Promise<void> | undefined;
    const once = () => (running ??= previous().then(step));
    before = once;
    test(name, once);
  };
}
