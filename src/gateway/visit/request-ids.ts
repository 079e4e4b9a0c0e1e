/** Ids that are unique over restarts and replicas: a random part per process and a count. */
export function requestIds(): () => string {
  const process = crypto.randomUUID().replaceAll("-", "").slice(0, 12);
  let count = 0;
  return () => `req_${process}${(++count).toString(36).padStart(6, "0")}`;
}
