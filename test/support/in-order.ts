/**
 * Tests that are steps of one story. Each runs the steps before it first, if they have not run yet, so that any order and any selection
 * of the tests works.
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
