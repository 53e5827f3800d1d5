type Step = () => Promise<void> | void;

/** Clean-up steps for the end of the demo. The step that was added last runs first. */
export class Cleanup {
  private readonly steps: Step[] = [];
  private running: Promise<void> | undefined;

  /** A step that is added during the clean-up runs last. */
  add(step: Step): void {
    if (this.running) this.running = this.running.then(() => attempt(step));
    else this.steps.push(step);
  }

  /** Runs every step once, even if other steps fail. */
  run(): Promise<void> {
    this.running ??= this.steps.reduceRight(
      (before, step) => before.then(() => attempt(step)),
      Promise.resolve(),
    );
    return this.running;
  }
}

async function attempt(step: Step): Promise<void> {
  try {
    await step();
  } catch (error) {
    process.stderr.write(`Clean-up step failed: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
