import { z } from "zod";
import { dollarNumber, dollarsOf, type Nano, nanoOf } from "../../vocabulary/money.ts";

/** An amount under a name, as management writes money: a number of dollars for people, and every digit for machines. */
export function shownAmount<Name extends string>(name: Name, nano: Nano): { readonly [key in Name | `${Name}_nano`]: number | string } {
  return { [name]: dollarNumber(nano), [`${name}_nano`]: nano.toString() } as { [key in Name | `${Name}_nano`]: number | string };
}

/** An amount of US dollars in a request, so much at least; nano-USD once read. */
export function dollarsFrom(least: Nano) {
  const error = `expected an amount of US dollars, ${dollarsOf(least)} or more, such as 25 or 0.5`;
  return z
    .union([z.number({ error }), z.string({ error })], { error })
    .refine((value) => (nanoOf(value) ?? least - 1n) >= least, { error })
    .transform((value) => nanoOf(value) ?? 0n);
}
