/** Nano-USD: a billionth of a dollar. Money is counted in whole ones everywhere, and never in fractions. */
export type Nano = bigint;

const PER_DOLLAR = 1_000_000_000n;
const DECIMALS = 9;

/**
 * A decimal of US dollars in nano-USD, exactly: `"0.0003"`, `12.5`, `-1`, `1e-7`. What is finer than a nano-dollar is rounded half-up, away from zero.
 * `undefined` for what is no number.
 */
export function nanoOf(dollars: number | string): Nano | undefined {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?\s*$/i.exec(String(dollars));
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  if (digits === "") return undefined;
  const shift = DECIMALS - fraction.length + Number(exponent);
  const nano = shift >= 0 ? BigInt(digits) * 10n ** BigInt(shift) : dividedHalfUp(BigInt(digits), 10n ** BigInt(-shift));
  return sign === "-" ? -nano : nano;
}

/** Nano-USD as a decimal of dollars, exactly and without needless zeros: `0.0003`. */
export function dollarsOf(nano: Nano): string {
  const digits = (nano < 0n ? -nano : nano).toString().padStart(DECIMALS + 1, "0");
  const point = digits.length - DECIMALS;
  let end = digits.length;
  while (end > point && digits[end - 1] === "0") end--;
  return `${nano < 0n ? "-" : ""}${digits.slice(0, point)}${end === point ? "" : `.${digits.slice(point, end)}`}`;
}

/** Nano-USD as a number of dollars, for people: the nearest one there is. */
export function dollarNumber(nano: Nano): number {
  const number = Number(nano);
  // A quotient of two numbers that are exact is the nearest number to it.
  return Number.isSafeInteger(number) ? number / Number(PER_DOLLAR) : Number(dollarsOf(nano));
}

/** A quotient of numbers that are not negative, rounded half-up: the one way money is rounded. */
export function dividedHalfUp(amount: bigint, by: bigint): bigint {
  return (amount * 2n + by) / (by * 2n);
}

/** So many whole dollars. */
export function dollars(whole: number): Nano {
  return BigInt(whole) * PER_DOLLAR;
}

export function smallerOf(one: Nano, other: Nano): Nano {
  return one < other ? one : other;
}

export function largerOf(one: Nano, other: Nano): Nano {
  return one > other ? one : other;
}
