import type { JsonObject } from "../../../../src/vocabulary/json.ts";
import type { LifeHouse } from "./house.ts";
import type { Scene, SceneEngine, SceneOptions } from "./scene.ts";

/** Something that happens to engines, and what then is to be so. */
export type LifeCase =
  /** It needs engines of its own, and has the gateway together with others. */
  | {
      readonly type: "shared";
      readonly what: string;
      readonly engines: (house: LifeHouse) => Readonly<Record<string, SceneEngine>>;
      /** Those its engines are on, of 24 GiB each. */
      readonly gpus?: readonly string[];
      readonly models?: JsonObject;
      readonly play: (scene: Scene, house: LifeHouse) => Promise<void>;
    }
  /** It ends gateways, or wants them otherwise. What it opens is closed at its end. */
  | { readonly type: "alone"; readonly what: string; readonly play: (open: (options: SceneOptions) => Promise<Scene>, house: LifeHouse) => Promise<void> };
