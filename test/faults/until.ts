// Waiting for something to become true, never for time to pass.

const LOOK_EVERY_MS = 5;

/** Resolves when `holds`; rejects after `withinMs` with `what` in words. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: () => string,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
