import { dollarNumber, type Nano } from "../vocabulary/money.ts";

/** An amount under a name, as management writes money: a number of dollars for people, and every digit for machines. */
export function shownAmount<Name extends string>(name: Name, nano: Nano): { readonly [key in Name | `${Name}_nano`]: number | string } {
  return { [name]: dollarNumber(nano), [`${name}_nano`]: nano.toString() } as { [key in Name | `${Name}_nano`]: number | string };
}
