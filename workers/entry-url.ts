// Where the files are that become threads or processes of their own. Nobody else may spell such a path: in a checkout
// the file ends in `.ts`, in the compiled package in `.js`.

/**
 * The URL of an entry point in this folder, for `new Worker(...)` or `fork(...)`, by its file name without ending
 * (`stream-worker`). It has this file's own ending.
 */
export function entryUrl(name: string): URL {
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  return new URL(`./${name}${ending}`, import.meta.url);
}
