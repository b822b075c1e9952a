// One field of two recordings' paired messages: how often it says the same, how far it is off where not.

export type FieldFamily = 'msm' | 'legacy';

export interface FieldReport {
  readonly field: string;
  readonly family: FieldFamily;
  /** The data fields of the standard that it is made of. */
  readonly dataFields: string;
  /** Of the differences; null for what has no size, such as a flag. */
  readonly unit: string | null;
  readonly equal: number;
  /** Off by no more than the coarser of the two messages can tell. */
  readonly rounded: number;
  /** Lock times alone: shorter than they were, as after epochs that were left out. */
  readonly lowered: number;
  /** Off by more. */
  readonly different: number;
  readonly becameInvalid: number;
  readonly becameValid: number;
  /** The message of one side has no such field. */
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  /** The largest difference of those that are rounded, and of those that are off by more; null where there is none. */
  readonly roundedMax: number | null;
  readonly differentMax: number | null;
  /** The same of the largest of both in cycles of the carrier; null where it is no phase, or its wavelength not known. */
  readonly cyclesMax: number | null;
}

/** Told of each pair that is off by more than rounding; signal 0 is the satellite, satellite 0 the message. */
export type OnDifferent = (
  tally: FieldTally,
  satellite: number,
  signal: number,
  before: number,
  after: number,
) => void;

export class FieldTally {
  readonly name: string;
  /** How many units the least difference of the values is. */
  readonly perUnit: number;
  readonly #family: FieldFamily;
  readonly #dataFields: string;
  readonly unit: string | null;
  equal = 0;
  rounded = 0;
  lowered = 0;
  different = 0;
  becameInvalid = 0;
  becameValid = 0;
  onlyBefore = 0;
  onlyAfter = 0;
  #roundedMax = 0;
  #differentMax = 0;
  #cyclesMax: number | null = null;

  constructor(
    family: FieldFamily,
    name: string,
    dataFields: string,
    unit: string | null = null,
    perUnit = 1,
  ) {
    this.#family = family;
    this.name = name;
    this.#dataFields = dataFields;
    this.unit = unit;
    this.perUnit = perUnit;
  }

  /** Takes a pair of values that may be off by `tolerance`. Returns whether they are off by more. */
  note(before: number, after: number, tolerance = 0): boolean {
    const difference = Math.abs(after - before);
    if (difference === 0) {
      this.equal++;
      return false;
    }
    if (difference <= tolerance) {
      this.rounded++;
      this.#roundedMax = Math.max(this.#roundedMax, difference);
      return false;
    }
    this.different++;
    this.#differentMax = Math.max(this.#differentMax, difference);
    return true;
  }

  /** Takes a difference of the pair noted last, in cycles. */
  noteCycles(cycles: number): void {
    this.#cyclesMax = Math.max(this.#cyclesMax ?? 0, Math.abs(cycles));
  }

  /**
   * Takes a pair of which a value may mean "none"; says by `true` that both are values, which then have to be noted.
   */
  areBothValid(isBefore: boolean, isAfter: boolean): boolean {
    if (isBefore && isAfter) return true;
    if (isBefore) this.becameInvalid++;
    else if (isAfter) this.becameValid++;
    else this.equal++;
    return false;
  }

  /** Takes which messages of a pair have the field at all. Returns whether both have it, which then is to be noted. */
  isInBoth(isBefore: boolean, isAfter: boolean): boolean {
    if (isBefore && isAfter) return true;
    if (isBefore) this.onlyBefore++;
    else if (isAfter) this.onlyAfter++;
    return false;
  }

  get isUsed(): boolean {
    return this.equal > 0 || this.isDifferent;
  }

  get isDifferent(): boolean {
    const { rounded, lowered, different, becameInvalid, becameValid, onlyBefore, onlyAfter } = this;
    return rounded + lowered + different + becameInvalid + becameValid + onlyBefore + onlyAfter > 0;
  }

  report(): FieldReport {
    const { equal, rounded, lowered, different, becameInvalid, becameValid, onlyBefore, onlyAfter } = this;
    const inUnits = (times: number, difference: number): number | null =>
      times === 0 || this.unit === null ? null : difference * this.perUnit;
    return {
      field: this.name,
      family: this.#family,
      dataFields: this.#dataFields,
      unit: this.unit,
      equal,
      rounded,
      lowered,
      different,
      becameInvalid,
      becameValid,
      onlyBefore,
      onlyAfter,
      roundedMax: inUnits(rounded, this.#roundedMax),
      differentMax: inUnits(different, this.#differentMax),
      cyclesMax: this.#cyclesMax,
    };
  }
}
