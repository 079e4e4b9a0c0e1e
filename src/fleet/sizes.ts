export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** Bytes as people who look after GPUs say them: `15.0 GiB`, `128 KiB`. */
export function sized(bytes: number): string {
  if (Math.abs(bytes) >= GIB / 10) return `${(bytes / GIB).toFixed(1)} GiB`;
  return Math.abs(bytes) >= MIB ? `${Math.round(bytes / MIB)} MiB` : `${Math.round(bytes / KIB)} KiB`;
}

/** Tokens as they are said: `512`, `6k`, `42k`. */
export const tokensSaid = (tokens: number): string => (tokens < 1000 ? `${tokens}` : `${Math.round(tokens / 1000)}k`);
