import type { RateLeft, RatesLeft } from "../../../vocabulary/rates.ts";

/** What is left of limits, as OpenAI tells it: https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers */
export function openaiRateHeaders({ requests, tokens }: RatesLeft): Record<string, string> {
  return { ...headersOf("requests", requests), ...headersOf("tokens", tokens) };
}

function headersOf(what: string, left: RateLeft | undefined): Record<string, string> {
  if (left === undefined) return {};
  return {
    [`x-ratelimit-limit-${what}`]: String(left.limit),
    [`x-ratelimit-remaining-${what}`]: String(left.remaining),
    [`x-ratelimit-reset-${what}`]: durationText(left.resets),
  };
}

/** Milliseconds as OpenAI writes durations: `20ms`, `1s`, `6m0s`, `1h0m0s`. Rounded up. */
function durationText(milliseconds: number): string {
  const whole = Math.ceil(milliseconds);
  if (whole > 0 && whole < 1000) return `${whole}ms`;
  const [hours, minutes, seconds] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60, (whole % 60_000) / 1000];
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`;
}
