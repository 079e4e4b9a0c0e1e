import { CLOSE_BRACKET, COMMA, QUOTE, skipBlank, skipString, skipValue } from "./text.ts";

/**
 * Edits of single members of a JSON object *in its text*. Parsing and writing again is not byte-exact (1.0 becomes 1, big integers lose
 * digits, duplicate keys vanish), so the express lane cuts and splices instead. The text must be valid JSON: parse it first.
 */
export interface Edits {
  /** New value, as JSON text, or made from the old one; added at the end when the object has no such member. */
  readonly set?: Readonly<Record<string, string | ((old: string | undefined) => string)>>;
  readonly remove?: readonly string[];
  /** Old name to new name; the old member is removed when the new name is there already. */
  readonly rename?: Readonly<Record<string, string>>;
}

/** A member of an object: where its name (with quotes) and its value stand in the text. */
interface Member {
  readonly name: string;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** The object's text with the edits made and every other byte as it was. All members of an edited name are edited, duplicates too. */
export function editTopLevel(text: string, { set = {}, remove = [], rename = {} }: Edits): string {
  const members = membersOf(text);
  const has = (name: string) => members.some((member) => member.name === name);
  const unwanted = ({ name }: Member) => remove.includes(name) || (Object.hasOwn(rename, name) && has(rename[name] ?? ""));
  const keep = members.some(unwanted) ? members.filter((member) => !unwanted(member)) : members;
  if (keep.length < members.length) {
    // Removing a member takes one comma with it, so the kept ones are laid out afresh between their own bytes.
    const head = text.slice(0, members[0]?.nameStart ?? 0);
    const tail = text.slice(members.at(-1)?.valueEnd ?? 0);
    return editTopLevel(head + keep.map((member) => text.slice(member.nameStart, member.valueEnd)).join(",") + tail, { set, rename });
  }
  let out = "";
  let from = 0;
  for (const { name, nameStart, nameEnd, valueStart, valueEnd } of members) {
    if (Object.hasOwn(rename, name)) {
      out += text.slice(from, nameStart) + JSON.stringify(rename[name]);
      from = nameEnd;
    }
    if (!Object.hasOwn(set, name)) continue;
    const value = set[name];
    out += text.slice(from, valueStart) + (typeof value === "function" ? value(text.slice(valueStart, valueEnd)) : value);
    from = valueEnd;
  }
  let added = "";
  for (const name in set) {
    if (has(name)) continue;
    const value = set[name];
    added += `${added === "" && members.length === 0 ? "" : ","}${JSON.stringify(name)}:${typeof value === "function" ? value(undefined) : value}`;
  }
  if (added === "") return out + text.slice(from);
  const end = members.at(-1)?.valueEnd ?? text.indexOf("{") + 1;
  return out + text.slice(from, end) + added + text.slice(end);
}

/** The array's text with every element's text mapped, and without those that become `undefined`; what stands between the elements stays. */
export function editElements(text: string, edit: (element: string) => string | undefined): string {
  let at = skipBlank(text, text.indexOf("[") + 1);
  let out = text.slice(0, at);
  /** The comma and blanks behind the last element that was kept: written once another follows it. */
  let between = "";
  let last = at;
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACKET) {
    last = skipValue(text, at);
    const comma = skipBlank(text, last);
    const next = text.charCodeAt(comma) === COMMA ? skipBlank(text, comma + 1) : comma;
    const edited = edit(text.slice(at, last));
    if (edited !== undefined) {
      out += between + edited;
      between = text.slice(last, next);
    }
    at = next;
  }
  return out + text.slice(last);
}

function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let at = skipBlank(text, text.indexOf("{") + 1);
  while (at < text.length && text.charCodeAt(at) === QUOTE) {
    const nameStart = at;
    const nameEnd = skipString(text, at);
    const quoted = text.slice(nameStart, nameEnd);
    const valueStart = skipBlank(text, skipBlank(text, nameEnd) + 1);
    const valueEnd = skipValue(text, valueStart);
    members.push({ name: quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1), nameStart, nameEnd, valueStart, valueEnd });
    at = skipBlank(text, valueEnd);
    if (text.charCodeAt(at) === COMMA) at = skipBlank(text, at + 1);
  }
  return members;
}
