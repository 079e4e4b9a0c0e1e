/** A time of day, on some days, somewhere. */
export interface Hours {
  /** Minutes after midnight; the first of them inside. */
  readonly from: number;
  /** Minutes after midnight; the first of them outside. Not later than `from`: the next day. */
  readonly to: number;
  /** 0 is Sunday, on which the time begins; absent: every day. */
  readonly days?: readonly number[];
  /** By its name in the time zone database; absent: this machine's. */
  readonly timeZone?: string;
}
