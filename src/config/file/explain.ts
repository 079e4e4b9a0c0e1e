import { z } from "zod";
import { nearestName } from "../../vocabulary/nearest-name.ts";
import { LATER, matchesPattern } from "../schema/schema.ts";
import { type Path, type Problem, pathText } from "./problem.ts";
import { type Origin, originOf } from "./tree.ts";

interface Located {
  readonly origins: ReadonlyMap<string, Origin>;
}

/** What the schema found wrong, each with its place and a fix. */
export function explainIssues(error: z.ZodError, schema: z.ZodType, located: Located): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownField([...path, key], schema, located));
    if (issue.code === "invalid_type" && isMissing(path, issue, located)) {
      const wanted = issue.message.replace(/^expected /, "").replace(/\.$/, "");
      return [problemAt(located, path.slice(0, -1), { path: pathText(path), message: "is missing.", fix: `Give it ${wanted}.` })];
    }
    return [problemAt(located, path, { path: pathText(path), message: issue.message, fix: "" })];
  });
}

/** A problem with the place a path was written at. */
export function problemAt(
  located: Located,
  path: Path,
  told: { readonly path?: string; readonly message: string; readonly fix: string },
  at: "key" | "value" = "value",
): Problem {
  const origin = originOf(located, path);
  const facts = { path: told.path ?? pathText(path), message: told.message, fix: told.fix };
  if (origin === undefined) return facts;
  if (origin.from !== "file") return { file: `${origin.from} ${origin.name}`, ...facts };
  return { file: origin.file, line: origin[at].line, column: origin[at].column, ...facts };
}

function isMissing(path: Path, issue: { readonly input?: unknown }, located: Located): boolean {
  return issue.input === undefined && !located.origins.has(pathText(path));
}

function unknownField(path: Path, schema: z.ZodType, located: Located): Problem {
  if (matchesPattern(path, LATER)) return problemAt(located, path, { message: "not supported by this version.", fix: "Remove it for now." }, "key");
  const known = fieldsAt(schema, path.slice(0, -1));
  const near = nearestName(String(path.at(-1)), known);
  const fix = near === undefined ? `Known here: ${known.join(", ")}.` : `Did you mean ${near}?`;
  return problemAt(located, path, { message: "there is no such field.", fix }, "key");
}

/** The names the schema knows below a path. */
function fieldsAt(schema: z.ZodType, path: Path): string[] {
  const bare = unwrap(schema);
  if (path.length === 0) return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
  const [step, ...rest] = path;
  const next =
    bare instanceof z.ZodObject
      ? bare.shape[String(step)]
      : bare instanceof z.ZodRecord
        ? bare.valueType
        : bare instanceof z.ZodArray
          ? bare.element
          : undefined;
  return next === undefined ? [] : fieldsAt(next as z.ZodType, rest);
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return unwrap(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return unwrap(schema.in as z.ZodType);
  // Of a section, or a word in its place, the section.
  if (schema instanceof z.ZodUnion)
    return schema.options.map((option) => unwrap(option as z.ZodType)).find((option) => option instanceof z.ZodObject) ?? schema;
  return schema;
}
