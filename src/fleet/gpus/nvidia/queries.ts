/** What is asked of nvidia-smi. Names stand last: they alone may hold commas. */
export const GPU_FIELDS = ["index", "uuid", "count", "memory.total", "memory.used", "utilization.gpu", "temperature.gpu", "mig.mode.current", "name"];
export const PROCESS_FIELDS = ["gpu_uuid", "pid", "used_gpu_memory", "process_name"];

const FORMAT = "--format=csv,noheader,nounits";

export const GPU_QUERY = [`--query-gpu=${GPU_FIELDS.join(",")}`, FORMAT];
export const PROCESS_QUERY = [`--query-compute-apps=${PROCESS_FIELDS.join(",")}`, FORMAT];

/** The same again every so many milliseconds, until it is ended; it counts in whole seconds. */
export const gpuLoop = (every: number): string[] => [...GPU_QUERY, "-l", `${Math.max(1, Math.round(every / 1000))}`];
