// Ctrl-C and SIGTERM end a command cleanly: what runs is aborted, a summary follows. A second Ctrl-C ends it at once.

const EXIT_AFTER_SECOND_SIGNAL = 130;

export interface StopSignal {
  readonly signal: AbortSignal;
  /** Ends the command from inside, as a signal would. */
  readonly stop: () => void;
  /** Gives the signals back, so that they end the process as they are wont to. */
  readonly release: () => void;
}

export function listenForStop(): StopSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_AFTER_SECOND_SIGNAL);
    stop();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    stop,
    release: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

/** Resolves to true after `ms`, or to false as soon as the signal is aborted; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
  return !signal.aborted;
}
