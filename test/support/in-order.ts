/**
 * For tests that need the earlier tests of their file. Each test first runs all earlier tests that have not run yet, so
 * any selection of tests works in any order.
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
