import { z } from "zod";

/** A part of the config: these fields and no others. */
export const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject(shape, { error: wrongShape });
/** Parts of one kind, each with a name of the operator's choice. */
export const named = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value, { error: "expected names with their fields below." });

const wrongShape = (issue: { readonly code?: string }) => (issue.code === "invalid_type" ? "expected fields below this name, as `name: value`." : undefined);
