import { readFileSync } from "node:fs";

/** The process that started this one, from the kernel; `undefined`: it is gone, the first, or not told. */
export function parentOf(pid: number): number | undefined {
  try {
    return parentIn(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** The parent in a line of `/proc/<pid>/stat`: the second field after the name, which may hold spaces and brackets itself. */
export function parentIn(stat: string): number | undefined {
  const parent = Number(
    stat
      .slice(stat.lastIndexOf(")") + 1)
      .trim()
      .split(" ")[1],
  );
  return Number.isInteger(parent) && parent > 0 ? parent : undefined;
}
