import { isAbsolute, join } from "node:path";
import { shapeOfConfig, totalSizeOf } from "./config-json.ts";
import { KNOWN_MODELS } from "./known-models.ts";
import type { ModelShape } from "./model-shape.ts";

/** Where models lie. Neither method rejects: what cannot be read is not there. */
export interface ModelFiles {
  text(path: string): Promise<string | undefined>;
  /** The folder's files, in no order; links are followed. */
  list(folder: string): Promise<readonly { readonly name: string; readonly bytes: number }[]>;
}

/**
 * A model's shape: from its folder if it is a path, else from the Hugging Face cache (`hub`, the folder of the `models--…` folders), else as it is known.
 * `undefined`: nothing tells, and its first start will.
 */
export async function findShape(model: string, { files, hub }: { readonly files: ModelFiles; readonly hub?: string }): Promise<ModelShape | undefined> {
  if (isAbsolute(model) || model.startsWith("./")) return shapeIn(model, files);
  const folder = hub === undefined ? undefined : await snapshotOf(model, hub, files);
  return (folder === undefined ? undefined : await shapeIn(folder, files)) ?? KNOWN_MODELS[model];
}

/** `models--org--name/snapshots/<revision>`: the revision `main` stands at. */
async function snapshotOf(model: string, hub: string, files: ModelFiles): Promise<string | undefined> {
  const folder = join(hub, `models--${model.replaceAll("/", "--")}`);
  const revision = (await files.text(join(folder, "refs", "main")))?.trim();
  return revision ? join(folder, "snapshots", revision) : undefined;
}

async function shapeIn(folder: string, files: ModelFiles): Promise<ModelShape | undefined> {
  const config = await files.text(join(folder, "config.json"));
  return config === undefined ? undefined : shapeOfConfig(config, { weights: await weightsIn(folder, files) });
}

async function weightsIn(folder: string, files: ModelFiles): Promise<number | undefined> {
  const here = await files.list(folder);
  const index = here.find(({ name }) => name.endsWith(".safetensors.index.json"));
  const told = index === undefined ? undefined : totalSizeOf((await files.text(join(folder, index.name))) ?? "");
  if (told !== undefined) return told;
  const sizes = ["safetensors", "bin"].map((ending) => here.filter(({ name }) => isWeights(name, ending)).reduce((sum, { bytes }) => sum + bytes, 0));
  return sizes.find((size) => size > 0);
}

/** Mistral's folders hold the same weights twice, under `consolidated` names. */
const isWeights = (name: string, ending: string) => name.endsWith(`.${ending}`) && /^(model|pytorch_model)/.test(name);
