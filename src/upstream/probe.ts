/** Asks an address with GET, without following redirects. Rejects when nothing answers within the deadline, in milliseconds. */
export async function probe(url: string, headers: Readonly<Record<string, string>>, deadline: number): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(deadline) });
  return { status: response.status, text: await response.text() };
}
