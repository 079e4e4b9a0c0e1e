import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelFiles } from "./find-shape.ts";

/** Models on this machine's disks. */
export const modelFiles: ModelFiles = {
  text: (path) => readFile(path, "utf8").catch(() => undefined),
  async list(folder) {
    const names = await readdir(folder).catch(() => []);
    const sizes = names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => ({ name, bytes: size }),
        () => ({ name, bytes: 0 }),
      ),
    );
    return Promise.all(sizes);
  },
};
