/** Which names of models are meant, in genai-prices' words. */
export type Clause =
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string }
  | { readonly or: readonly Clause[] }
  | { readonly and: readonly Clause[] };

/** Does a name fit? It is in lower case. */
export type Fits = (name: string) => boolean;

/** A clause, ready to be asked. Case does not count, but in expressions. */
export function fitsOf(clause: Clause): Fits {
  if ("equals" in clause) {
    const whole = clause.equals.toLowerCase();
    return (name) => name === whole;
  }
  if ("starts_with" in clause) {
    const start = clause.starts_with.toLowerCase();
    return (name) => name.startsWith(start);
  }
  if ("ends_with" in clause) {
    const end = clause.ends_with.toLowerCase();
    return (name) => name.endsWith(end);
  }
  if ("contains" in clause) {
    const part = clause.contains.toLowerCase();
    return (name) => name.includes(part);
  }
  if ("regex" in clause) {
    const expression = new RegExp(clause.regex);
    return (name) => expression.test(name);
  }
  const parts = ("or" in clause ? clause.or : clause.and).map(fitsOf);
  return "or" in clause ? (name) => parts.some((fits) => fits(name)) : (name) => parts.every((fits) => fits(name));
}
