// What is wrong with a value that has the right form, and where in it.

export interface Complaint {
  /** From the value inwards. */
  readonly path: readonly (string | number)[];
  /** Goes on from the name of the place: `must be …`. */
  readonly detail: string;
}
